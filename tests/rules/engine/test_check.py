"""What the language accepts, what it becomes, and the one way in which it is written."""

from __future__ import annotations

import pytest

from pitboss.rules.engine.catalogue import Function, Variable, catalogue_of
from pitboss.rules.engine.check import COST_MAX, check
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.grammar import GRAMMAR
from pitboss.rules.engine.parse import DEPTH_MAX, LENGTH_MAX, NODES_MAX
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import AllOf, Constant, Fact, facts_read
from tests.rules.engine.words import CATALOGUE

WRITTEN = [
    ("net_loss * 0.10", "betting.net_loss * 0.1", "number"),
    ("loyalty.segment=='LOSING'", "loyalty.segment == 'LOSING'", "boolean"),
    ("1 < bets <= 5", "1 < betting.bets and betting.bets <= 5", "boolean"),
    ("between(bets, 1, 5)", "betting.bets >= 1 and betting.bets <= 5", "boolean"),
    ("not (is_vip or bets>3)", "not (is_vip or betting.bets > 3)", "boolean"),
    ("country not in ['DE', 'AT']", "country not in ('AT', 'DE')", "boolean"),
    ("'slots' in games", "'slots' in games", "boolean"),
    ("days_since(last_deposit_at) <= 7", "days_since(last_deposit_at) <= 7", "boolean"),
    ("now - last_deposit_at > days(2)", "now - last_deposit_at > days(2)", "boolean"),
    ("idle * 2 + hours(1)", "idle * 2 + hours(1)", "duration"),
    (
        "last_deposit_at >= '2026-12-01T10:00:00+01:00'",
        "last_deposit_at >= instant('2026-12-01T09:00:00Z')",
        "boolean",
    ),
    ("coalesce(session_count, bets, 0)", "coalesce(session_count, betting.bets, 0)", "number"),
    ("-bets ** 2 - -3", "-betting.bets ** 2 - -3", "number"),
    ("(bets - 1) - (bets - 2)", "betting.bets - 1 - (betting.bets - 2)", "number"),
    ("1 if is_vip else 2 if bets > 1 else 3", "1 if is_vip else 2 if betting.bets > 1 else 3", "number"),
    ("max(bets, 1, session_count) % 7 // 2", "max(betting.bets, 1, session_count) % 7 // 2", "number"),
    ('country == "Cote d\'Or"', 'country == "Cote d\'Or"', "boolean"),
    ("known(net_loss)\n  and\tis_vip", "known(betting.net_loss) and is_vip", "boolean"),
    ("True", "True", "boolean"),
]


@pytest.mark.parametrize(("text", "written", "type_"), WRITTEN)
def test_an_expression_has_one_way_of_being_written(text: str, written: str, type_: str) -> None:
    node = check(text, CATALOGUE)
    assert (text_of(node), node.type) == (written, type_)


@pytest.mark.parametrize("text", [text for text, _, _ in WRITTEN])
def test_what_is_written_reads_back_as_the_same_tree(text: str) -> None:
    node = check(text, CATALOGUE)
    assert check(text_of(node), CATALOGUE) == node


def test_a_decomposed_letter_is_the_composed_one() -> None:
    assert check("country == 'e\u0301'", CATALOGUE) == check("country == '\u00e9'", CATALOGUE)


def test_a_noun_that_two_plugins_have_wants_its_full_name() -> None:
    words = catalogue_of([Variable(name="a.tier"), Variable(name="b.tier")])
    with pytest.raises(Refused, match=r"ambiguous: write a\.tier or b\.tier"):
        check("tier > 1", words)


def test_a_noun_means_the_one_that_does_not_yield() -> None:
    words = catalogue_of([Variable(name="a.tier", yields=True), Variable(name="b.tier")])
    assert facts_read(check("tier > 1", words)) == {"b.tier"}


def test_a_noun_that_yields_to_nobody_is_its_own() -> None:
    words = catalogue_of([Variable(name="a.tier", yields=True)])
    assert facts_read(check("tier > 1", words)) == {"a.tier"}


def test_the_facts_of_a_tree_are_known_by_their_full_names() -> None:
    assert facts_read(check("net_loss > 1 and known(bets)", CATALOGUE)) == {
        "betting.net_loss",
        "betting.bets",
    }


def test_a_plugin_may_add_a_function() -> None:
    odds = Function(name="sports.odds", arguments=("text",), returns="number", call=len)
    words = catalogue_of([Variable(name="team", type="text")], [odds])
    assert text_of(check("odds(team) > 2", words)) == "sports.odds(team) > 2"


@pytest.mark.parametrize("function", SHIPPED, ids=lambda f: f.name)
def test_the_example_of_each_shipped_function_reads(function: Function) -> None:
    names = ["net_loss", "wagered", "bets", "days", "form"]
    texts = [Variable(name=name, type="text") for name in ("city", "campaign")]
    words = catalogue_of([*(Variable(name=name) for name in names), *texts])
    assert check(function.example, words)
    assert function.name not in GRAMMAR


@pytest.mark.parametrize(
    "text",
    [
        "1 + " * (NODES_MAX // 2) + "1",
        "(" * (DEPTH_MAX + 1) + "1" + ")" * (DEPTH_MAX + 1),
        " " * LENGTH_MAX + "1",
        "not " * (DEPTH_MAX + 1) + "True",
        "-" * 5_000 + "1",
        "9007199254740993",
        "1e400",
        f"country in ({','.join(repr(str(n)) for n in range(1_001))})",
        f"country == '{'x' * 257}'",
        f"max({', '.join('1' * 17)})",
    ],
    ids=lambda text: f"{text[:8]}... {len(text)}",
)
def test_one_past_a_limit_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        check(text, CATALOGUE)


def test_the_cost_of_an_expression_is_limited() -> None:
    dear = Function(name="dear", arguments=(), returns="number", call=float, cost=COST_MAX)
    with pytest.raises(Refused, match="costs 5003"):
        check("not dear() == 0", catalogue_of([], [dear]))


def test_equal_conditions_are_equal_trees() -> None:
    assert check("bets > 1 and is_vip", CATALOGUE) == check("bets>1.0 and (is_vip)", CATALOGUE)
    assert isinstance(check("bets > 1 and is_vip", CATALOGUE), AllOf)


def test_a_sign_before_a_literal_is_part_of_it() -> None:
    assert check("-5", CATALOGUE) == Constant(-5.0, "number")


def test_a_truth_is_a_condition_by_itself() -> None:
    assert isinstance(check("is_vip", CATALOGUE, "boolean"), Fact)
