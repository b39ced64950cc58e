"""Rules that an index leaves to the row path are decided as if it judged them."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import Facts
from pitboss.rules.engine.index.decision import Decision
from pitboss.rules.engine.index.rows import Rows
from pitboss.rules.engine.index.ruleset import Ruleset
from tests.rules.engine.rulesets import Given, answer, rules
from tests.rules.engine.test_ruleset import check_against_loop, rule
from tests.rules.engine.trees import CATALOGUE, facts


class Parted:
    """Some rules on the row path, and the others in an index."""

    def __init__(self, listed: list[Given], apart: set[str]) -> None:
        self.indexed = Ruleset([one for one in listed if one.key not in apart], CATALOGUE)
        self.rows = Rows(apart, listed)

    def decide(self, known: Facts) -> Decision:
        return self.rows.beside(self.indexed.decide(known), known)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules(), st.data(), facts())
def test_whatever_stands_apart_the_answer_is_that_of_a_plain_loop(
    listed: list[Given], data: st.DataObject, known: Facts
) -> None:
    apart = data.draw(st.sets(st.sampled_from([one.key for one in listed]))) if listed else set()
    check_against_loop("rows beside an index", listed, Parted(listed, apart), known)  # type: ignore[arg-type]  # decides like one


def test_a_match_that_stops_hides_what_is_behind_it_on_either_side() -> None:
    listed = [
        rule("a", amount="1", priority=3),
        rule("b", amount="2", priority=2, stop=True),
        rule("c", amount="3", priority=1),
        rule("d", when="1 / 0 > 0", amount="4"),
    ]
    for apart in ({"b"}, {"a", "c", "d"}, {"a", "b", "c", "d"}, set()):
        found = answer(Parted(listed, apart).decide({}))
        assert found == ([("a", 1.0), ("b", 2.0)], []), apart
