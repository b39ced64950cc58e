"""Players who should not be tempted: counted apart, and the cost without them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pitboss.core.contracts import Guard, Manifest, Term, Variable
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate, installed
from pitboss.rules.replay import harm
from tests.rules import casino
from tests.rules.runtime.conftest import reward

ASKED: list[harm.RewardSimulated] = []


class Care:
    """A plugin that watches over players."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="care", version="1", title="Care")

    @hookimpl
    def register_terms(self) -> Sequence[Term]:
        return [
            Variable(
                name="care.harm_flagged",
                title="Flagged",
                doc="Whether the player shows markers of harm.",
                type="boolean",
                column=casino.CasinoFacts.is_barred,
                default=False,
            )
        ]

    @hookimpl
    def register_listeners(self) -> Sequence[Guard]:
        return [Guard(harm.OPERATION, self.check)]

    def check(self, ctx, asked):
        ASKED.append(asked)
        is_far = ctx.of(asked.player_id).value("casino.country") == "XX"
        return "SR 3.4.3: no bonuses for players at risk" if is_far else None


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), casino.CANDIDATE, Candidate("care", Care)]


@pytest.fixture
def three(kernel, tenant, player, lose):
    """Three players who lost 50, 40 and 30."""
    players = [player() for _ in range(3)]
    for who, stake in zip(players, (5_000, 4_000, 3_000), strict=True):
        lose(who, stake)
    return players


def flag(kernel, tenant, who, **values):
    from pitboss.core import facts

    with kernel.context(tenant.id) as ctx:
        facts.write(ctx, who, casino.CasinoFacts, **values)


def test_nobody_is_flagged_where_nothing_says_so(draft, three, simulated):
    draft(reward())
    found = simulated("cashback")
    assert found["flagged"]["players"] == 0
    assert found["cost"]["without_flagged"] == found["cost"]["paid"] == "12.00"


def test_who_is_flagged_now_is_left_out(kernel, tenant, draft, three, simulated):
    draft(reward())
    flag(kernel, tenant, three[0], is_barred=True)
    found = simulated("cashback")
    assert (found["cost"]["paid"], found["cost"]["without_flagged"]) == ("12.00", "7.00")
    (one,) = found["flagged"]["listed"]
    assert one == {"player_id": str(three[0]), "reasons": ["care.harm_flagged holds now"]}


def test_who_was_flagged_then_is_left_out(kernel, tenant, draft, three, lose, simulated):
    draft(reward())
    flag(kernel, tenant, three[2], is_barred=True)
    lose(three[2], 1_000)
    flag(kernel, tenant, three[2], is_barred=False)
    found = simulated("cashback")
    assert (found["flagged"]["players"], found["flagged"]["matches"]) == (1, 2)
    assert found["flagged"]["listed"][0]["reasons"] == ["a fact said so when it was recorded"]


def test_a_guard_of_a_plugin_is_asked_of_each_player(kernel, tenant, draft, three, simulated):
    draft(reward())
    flag(kernel, tenant, three[1], country="XX")
    ASKED.clear()
    found = simulated("cashback")
    assert {one.player_id for one in ASKED} == set(three)
    assert found["flagged"]["listed"][0]["reasons"] == ["SR 3.4.3: no bonuses for players at risk"]
    assert found["flagged"]["cost"] == "4.00"


def test_a_budget_that_flagged_players_leave_goes_to_the_others(kernel, tenant, draft, three, simulated):
    draft(reward(limits={"budget": {"amount": 8, "period": "day"}}))
    flag(kernel, tenant, three[0], is_barred=True)
    found = simulated("cashback")
    assert (found["cost"]["paid"], found["cost"]["without_flagged"]) == ("8.00", "7.00")
    assert found["flagged"]["cost"] == "1.00"
