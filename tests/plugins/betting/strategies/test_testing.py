"""Evaluations look at nothing that came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.plugins.betting.settling.outcomes import Outcome, outcome_as_json
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.strategies import testing
from pitboss.plugins.betting.strategies.seeing import Move, Question
from pitboss.plugins.betting.strategies.testing import Played

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
STOPS = {"stake_max": 1000, "day_loss_max": 1_000_000, "day_bets_max": 500}


def document(when, **stops):
    return {"when": when, "stake": 1000, "stops": STOPS | stops, "templates": ["moneyline"]}


def played(prices, *, won="home", start=START, name="A v B"):
    """Make a market whose two prices moved each hour until its start."""
    moves = []
    for number, (home, away) in enumerate(prices):
        at = start - timedelta(hours=len(prices) - number)
        moves += [
            Move(code, Decimal(odds), number + 1, at) for code, odds in (("home", home), ("away", away))
        ]
    outcomes = {
        code: outcome_as_json(Outcome(state="won" if code == won else "lost")) for code in ("home", "away")
    }
    question = Question(sport="tennis", competition="Cup", template="moneyline", starts_at=start)
    return Played(
        name=name,
        question=question,
        moves=moves,
        outcomes=outcomes,
        rules=Rules(),
        settled_at=start + timedelta(hours=2),
    )


def test_a_bet_is_made_at_the_first_moment_at_its_price_and_measured_by_the_closing_one():
    market = played([("1.90", "1.90"), ("2.10", "1.75"), ("2.00", "1.85")])
    [one] = testing.try_out(document("odds >= 2 and selection == 'home'"), [market])
    assert (one.odds, one.closing_odds, one.returned) == (Decimal("2.10"), Decimal("2.00"), 2100)
    assert one.at == START - timedelta(hours=2)
    found = testing.figures([one, one])
    assert (found.profit, found.closing_value.mean) == (2200, Decimal("0.05"))


def test_prices_after_the_start_are_never_bet_on():
    late = played([("1.90", "1.90")])
    late = Played(
        **{name: getattr(late, name) for name in ("name", "question", "outcomes", "rules", "settled_at")},
        moves=[*late.moves, Move("home", Decimal(9), 2, START)],
    )
    assert testing.try_out(document("odds > 5"), [late]) == []


def test_a_condition_that_cannot_be_told_does_not_hold():
    assert testing.try_out(document("1 / (rank - 1) > 0"), [played([("1.50", "2.60")])])[0].code == "away"


def test_a_lost_day_stops_the_next_bets_of_that_day_once_it_is_known():
    markets = [
        played([("2.00", "1.90")], won="away", start=START + timedelta(hours=hour), name=str(hour))
        for hour in (0, 1, 6)
    ]
    tried = testing.try_out(document("selection == 'home'", day_loss_max=1000), markets)
    assert [one.name for one in tried] == ["0", "1"]
    tried = testing.try_out(document("selection == 'home'", day_bets_max=1), markets)
    assert [one.name for one in tried] == ["0"]


PRICES = st.lists(
    st.tuples(*[st.integers(110, 900).map(lambda n: str(Decimal(n) / 100))] * 2), min_size=1, max_size=5
)


@settings(max_examples=40, deadline=None)
@given(prices=PRICES, later=PRICES, won=st.sampled_from(["home", "away"]))
def test_neither_the_result_nor_later_prices_change_a_decision(prices, later, won):
    """The same moves, then others until the start, and another winner: the same bet at the same price."""
    when = document("odds > 2.5 or odds_change < -0.1 or probability > 0.6")
    both = played([*prices, *later])
    known = [move for move in both.moves if move.version <= len(prices)]
    alone = Played(
        name=both.name,
        question=both.question,
        moves=known,
        outcomes=played(prices, won=won).outcomes,
        rules=both.rules,
        settled_at=both.settled_at,
    )
    short, long = testing.try_out(when, [alone]), testing.try_out(when, [both])
    if short:
        assert [(one.code, one.at, one.odds) for one in short] == [
            (one.code, one.at, one.odds) for one in long
        ]
