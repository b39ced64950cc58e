"""Stakes count towards bonuses exactly, once, and never past what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.loyalty.bonuses.wagering import (
    Bonus,
    Count,
    Ending,
    Stake,
    Terms,
    close,
    conversion,
    count,
    count_all,
    expire,
    grant,
    in_order,
    multiple_asked,
    requirement,
    roll_back,
)
from tests.plugins.loyalty.samples import ORACLES, START, cents, day, euros, law, sequences

ORACLE = ORACLES["bonus.wagering"]
SHARES = {name: Decimal(share) for name, share in ORACLE["inputs"]["contributions"].items()}
GAMES = sorted(SHARES)


def terms(**changes: Any) -> Terms:
    return Terms(**{"multiplier": Decimal(10), "contributions": SHARES} | changes)


def bonus(amount: int = 1000, id: str = "a", at: datetime = START, **changes: Any) -> Bonus:
    return grant(id, terms=terms(**changes), amount=amount, at=at)


def stake(amount: int, game: str = "slot", at: datetime = START, **changes: Any) -> Stake:
    return Stake(amount=amount, game=game, at=at, **changes)


def play(held: Bonus, stakes: Sequence[Stake]) -> tuple[Bonus, list[Count]]:
    counts = []
    for one in stakes:
        held, done = count(held, one)
        counts.append(done)
    return held, counts


def oracle_bonus() -> tuple[Bonus, list[Stake]]:
    inputs = ORACLE["inputs"]
    held = grant(
        "a",
        terms=terms(multiplier=Decimal(inputs["multiplier"]), bet_max=cents(inputs["max_bet"])),
        amount=cents(inputs["bonus"]),
        at=START,
    )
    return held, [stake(cents(amount), game) for game, amount in inputs["events"]]


# -- the oracle ------------------------------------------------------------------------------------


def test_the_oracle_trace_is_hit_event_by_event() -> None:
    held, stakes = oracle_bonus()
    trace = []
    for one, (game, amount) in zip(stakes, ORACLE["inputs"]["events"], strict=True):
        held, done = count(held, one)
        trace.append([game, amount, done.outcome, euros(held.progress)])
    assert trace == ORACLE["expected"]["trace"]
    assert euros(held.requirement) == ORACLE["expected"]["requirement"]
    assert euros(held.progress) == ORACLE["expected"]["progress"]
    assert (held.state == "completed") is ORACLE["expected"]["complete"]


def test_the_oracle_rollback_takes_one_event_back() -> None:
    held, stakes = oracle_bonus()
    held, counts = play(held, stakes[:8])
    assert euros(held.progress) == ORACLE["expected"]["progress_after_first_8_events"]
    rolled_back = roll_back(held, counts[6])
    assert euros(rolled_back.progress) == ORACLE["expected"]["same_after_event_7_is_rolled_back"]


def test_the_oracle_requirement_on_bonus_and_deposit() -> None:
    asked = requirement(terms(base="bonus_and_deposit"), amount=cents("10"), deposit=cents("50"))
    assert euros(asked) == ORACLE["expected"]["requirement_bonus_plus_deposit_(10+50)x10"]


@pytest.mark.parametrize("multiplier", ["10", "10.01", "20"])
def test_the_oracle_cap_of_great_britain(multiplier: str) -> None:
    said = ORACLE["expected"]["ukgc_check"][f"{multiplier}x"]
    asked = multiple_asked(terms(multiplier=Decimal(multiplier)), amount=1000)
    assert (asked <= 10) is (said == "allowed")


@pytest.mark.parametrize(
    ("amount", "multiplier", "published"),
    [(1000, 20, 20_000), (2000, 5, 10_000), (2500, 30, 75_000), (5000, 30, 150_000)],
)
def test_published_requirements(amount: int, multiplier: int, published: int) -> None:
    assert requirement(terms(multiplier=Decimal(multiplier)), amount=amount) == published


def test_wagering_on_bonus_and_deposit_is_more_of_the_bonus_than_its_multiplier() -> None:
    """A cap on the bonus is not evaded by a multiplier on more than the bonus."""
    assert multiple_asked(terms(base="bonus_and_deposit"), amount=1000, deposit=1000) == 20


# -- what counts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "placed", "outcome", "added"),
    [
        ({}, stake(500), "counted", 500),
        ({}, stake(0), "counted", 0),
        ({}, stake(500, "excluded"), "counted", 0),
        ({}, stake(500, "unheard of"), "counted", 500),
        ({"contribution_default": Decimal(0)}, stake(500, "unheard of"), "counted", 0),
        ({}, stake(500, "baccarat", category="roulette"), "counted", 50),
        ({}, stake(500, "slot50", category="roulette"), "counted", 250),
        ({"eligible_games": frozenset({"roulette"})}, stake(500), "excluded", 0),
        ({"eligible_games": frozenset({"slots"})}, stake(500, "slot", category="slots"), "counted", 500),
        ({"bet_max": 500}, stake(500), "counted", 500),
        ({"bet_max": 500}, stake(501), "max_bet_breach", 0),
        ({"bet_max": 500, "eligible_games": frozenset({"x"})}, stake(501), "excluded", 0),
        ({"odds_min": Decimal("1.5")}, stake(500, odds=Decimal("1.49")), "low_odds", 0),
        ({"odds_min": Decimal("1.5")}, stake(500, odds=Decimal("1.5")), "counted", 500),
        ({"odds_min": Decimal("1.5")}, stake(500), "counted", 500),
        ({"counts": "bonus"}, stake(500, from_bonus=120), "counted", 120),
        ({"counts": "cash"}, stake(500, from_bonus=120), "counted", 380),
        ({}, stake(500, at=START - timedelta(seconds=1)), "before_grant", 0),
        ({"valid_for": timedelta(hours=48)}, stake(500, at=day(2) - timedelta(seconds=1)), "counted", 500),
        ({"valid_for": timedelta(hours=48)}, stake(500, at=day(2)), "expired", 0),
    ],
)
def test_a_stake_counts_by_the_terms(changes: Any, placed: Stake, outcome: str, added: int) -> None:
    held, done = count(bonus(**changes), placed)
    assert (done.outcome, done.added, held.counted) == (outcome, added, added)


@pytest.mark.parametrize("state", ["expired", "forfeited", "cancelled", "lost", "completed"])
def test_a_bonus_that_ended_counts_nothing(state: Any) -> None:
    held = replace(bonus(), state=state)
    after, done = count(held, stake(500))
    assert done.outcome == {"expired": "expired", "completed": "complete"}.get(state, "closed")
    assert (after, done.added) == (held, 0)


def test_a_breach_is_flagged_and_forfeits_only_where_the_terms_say_so() -> None:
    flagged, mild = count(bonus(bet_max=500), stake(501))
    forfeited, strict = count(bonus(bet_max=500, breach_policy="forfeit"), stake(501))
    assert (flagged.state, flagged.breaches, mild.forfeits) == ("active", 1, False)
    assert (forfeited.state, forfeited.breaches, strict.forfeits) == ("forfeited", 1, True)


def test_a_voided_breach_is_taken_back_with_what_it_forfeited() -> None:
    held = bonus(bet_max=500, breach_policy="forfeit")
    forfeited, done = count(held, stake(501))
    assert roll_back(forfeited, done) == held


def test_a_fraction_of_a_minor_unit_is_kept() -> None:
    held, _ = play(bonus(), [stake(1, "blackjack")] * 19)
    assert (held.progress, held.counted) == (0, Fraction(19, 20))
    held, _ = count(held, stake(1, "blackjack"))
    assert held.counted == 1


def test_a_bonus_that_asks_for_nothing_is_complete_at_once() -> None:
    assert bonus(multiplier=Decimal(0)).state == "completed"


# -- several bonuses -------------------------------------------------------------------------------


def test_the_soonest_to_expire_is_used_first_then_the_oldest() -> None:
    late = bonus(id="late", valid_for=timedelta(days=9))
    soon = bonus(id="soon", valid_for=timedelta(days=2))
    old = bonus(id="old", at=day(-3))
    new = bonus(id="new", at=day(-1))
    done = replace(bonus(id="done"), state="completed")
    assert [held.id for held in in_order([new, old, done, late, soon])] == ["soon", "late", "old", "new"]


def test_what_completes_one_bonus_counts_on_towards_the_next() -> None:
    first = bonus(100, id="a", multiplier=Decimal(1), valid_for=timedelta(days=1))
    second = bonus(id="b")
    counts = count_all([second, first], stake(250))
    assert [(held.id, done.used, done.added, held.state) for held, done in counts] == [
        ("a", 100, 100, "completed"),
        ("b", 150, 150, "active"),
    ]


def test_a_stake_that_one_bonus_excludes_counts_towards_another() -> None:
    first = bonus(id="a", eligible_games=frozenset({"roulette"}), valid_for=timedelta(days=1))
    counts = count_all([first, bonus(id="b")], stake(250))
    assert [(done.bonus, done.outcome, done.added) for _, done in counts] == [
        ("a", "excluded", 0),
        ("b", "counted", 250),
    ]


def test_what_a_bonus_paid_counts_once_where_only_that_counts() -> None:
    first = bonus(3, id="a", multiplier=Decimal(1), counts="bonus", valid_for=timedelta(days=1))
    counts = count_all([first, bonus(id="b", counts="bonus")], stake(10, from_bonus=4))
    assert [(done.bonus, done.added) for _, done in counts] == [("a", 3), ("b", 1)]


@st.composite
def purses(draw: st.DrawFn) -> list[Bonus]:
    drawn = st.tuples(
        st.integers(1, 200), st.sampled_from([None, 1, 2]), st.dictionaries(st.sampled_from(GAMES), SHARE)
    )
    return [
        bonus(
            amount,
            id=str(number),
            multiplier=Decimal(1),
            contributions=shares,
            valid_for=timedelta(days=days) if days else None,
        )
        for number, (amount, days, shares) in enumerate(draw(st.lists(drawn, min_size=1, max_size=4)))
    ]


SHARE = st.decimals(0, 1, places=3)
PIECES = st.lists(st.integers(0, 60), min_size=1, max_size=6)


def count_pieces(held: Sequence[Bonus], pieces: Sequence[int], game: str) -> dict[str, Bonus]:
    after = {one.id: one for one in held}
    for piece in pieces:
        after.update({one.id: one for one, _ in count_all(after.values(), stake(piece, game))})
    return after


@law
@given(held=purses(), pieces=PIECES, game=st.sampled_from(GAMES))
def test_splitting_a_stake_changes_no_bonus(held: list[Bonus], pieces: list[int], game: str) -> None:
    assert count_pieces(held, pieces, game) == count_pieces(held, [sum(pieces)], game)


@law
@given(amount=st.integers(0, 500), asked=st.integers(1, 100), share=SHARE)
def test_one_stake_counts_as_the_formula_says(amount: int, asked: int, share: Decimal) -> None:
    """Also where no whole number of minor units just completes it."""
    held, _ = count(bonus(asked, multiplier=Decimal(1), contribution_default=share), stake(amount, "new"))
    assert held.counted == min(amount * Fraction(share), asked)
    assert (held.state == "completed") is (held.counted == asked)


@law
@given(held=purses(), amounts=PIECES, game=st.sampled_from(GAMES))
def test_no_part_of_a_stake_counts_twice(held: list[Bonus], amounts: list[int], game: str) -> None:
    after = list(held)
    for amount in amounts:
        counts = count_all(after, stake(amount, game))
        assert sum(done.used for _, done in counts) <= amount
        changed = {one.id: one for one, _ in counts}
        after = [changed.get(one.id, one) for one in after]
    assert all(0 <= one.counted <= one.requirement for one in after)


# -- rolling back ----------------------------------------------------------------------------------


def test_a_complete_bonus_opens_again_when_a_stake_is_rolled_back() -> None:
    held, counts = play(bonus(100, multiplier=Decimal(1)), [stake(60), stake(60)])
    assert held.state == "completed"
    reopened = roll_back(held, counts[0])
    assert (reopened.state, reopened.progress, reopened.missing) == ("active", 40, 60)


def test_a_stake_that_counted_nothing_does_not_reopen_a_complete_bonus() -> None:
    held, counts = play(bonus(100, multiplier=Decimal(1)), [stake(5, "excluded"), stake(100)])
    assert roll_back(held, counts[0]).state == "completed"


def test_what_counted_elsewhere_cannot_be_taken_back_here() -> None:
    _, done = count(bonus(id="b"), stake(5))
    with pytest.raises(InvalidInput, match="'b'"):
        roll_back(bonus(id="a"), done)


def test_rolling_back_twice_is_refused_before_progress_is_negative() -> None:
    held, done = count(bonus(), stake(5))
    with pytest.raises(Conflict, match="gone already"):
        roll_back(roll_back(held, done), done)


# -- ends ------------------------------------------------------------------------------------------


def test_a_bonus_expires_at_its_very_instant() -> None:
    held = bonus(valid_for=timedelta(hours=48))
    assert expire(held, at=day(2) - timedelta(microseconds=1)).state == "active"
    assert expire(held, at=day(2)).state == "expired"


def test_who_was_complete_in_time_keeps_the_bonus() -> None:
    held, _ = count(bonus(1, valid_for=timedelta(hours=48)), stake(500))
    assert expire(held, at=day(9)) == held


@pytest.mark.parametrize("ending", ["forfeited", "cancelled", "lost"])
def test_only_an_active_bonus_can_be_closed(ending: Ending) -> None:
    closed = close(bonus(), ending=ending)
    assert closed.state == ending
    with pytest.raises(Conflict, match=ending):
        close(closed, ending="forfeited")


@pytest.mark.parametrize(
    ("changes", "balance", "converted"),
    [
        ({}, 5600, 5600),
        ({}, 0, 0),
        ({"conversion_max": 5000}, 5600, 5000),
        ({"conversion_max": 5000}, 4999, 4999),
        ({"conversion_multiple_max": Decimal(5)}, 5600, 5000),
        ({"conversion_multiple_max": Decimal(5), "conversion_max": 4000}, 5600, 4000),
        ({"is_phantom": True}, 5600, 4600),
        ({"is_phantom": True}, 400, 0),
        ({"is_phantom": True, "conversion_max": 4000}, 5600, 4000),
    ],
)
def test_a_complete_bonus_converts_up_to_its_limits(changes: Any, balance: int, converted: int) -> None:
    held = replace(bonus(1000, **changes), state="completed")
    became = conversion(held, balance=balance)
    assert (became.converted, became.forfeited) == (converted, balance - converted)


def test_a_phantom_amount_that_was_given_back_is_not_deducted_again() -> None:
    held = replace(bonus(1000, is_phantom=True), state="completed", deducted=1000)
    assert conversion(held, balance=5600).converted == 5600


def test_an_incomplete_bonus_does_not_convert() -> None:
    with pytest.raises(Conflict, match="wager 10000 more"):
        conversion(bonus(), balance=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"multiplier": 10.0},
        {"multiplier": Decimal(-1)},
        {"contributions": {"slot": Decimal("1.01")}},
        {"contributions": {"slot": 0.5}},
        {"contribution_default": Decimal(2)},
        {"bet_max": 5.0},
        {"conversion_max": -1},
        {"conversion_multiple_max": 5.0},
        {"valid_for": timedelta(0)},
        {"rounding": "nearest"},
    ],
)
def test_terms_that_cannot_be_kept_are_refused(changes: Any) -> None:
    with pytest.raises(InvalidInput):
        terms(**changes)


def test_more_from_bonus_than_the_stake_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most all"):
        stake(5, from_bonus=6)


# -- any sequence ----------------------------------------------------------------------------------


class Play(RuleBasedStateMachine):
    """A bonus under any sequence of stakes, rollbacks and time."""

    def __init__(self) -> None:
        super().__init__()
        self.at = START
        self.bonus = bonus(20, multiplier=Decimal(3), bet_max=50, valid_for=timedelta(days=20))
        self.counts: list[Count] = []

    @rule(amount=st.integers(0, 60), game=st.sampled_from(GAMES))
    def stakes(self, amount: int, game: str) -> None:
        self.bonus, done = count(self.bonus, stake(amount, game, at=self.at))
        self.counts.append(done)

    @precondition(lambda self: self.counts)
    @rule(data=st.data())
    def rolls_back(self, data: st.DataObject) -> None:
        done = self.counts.pop(data.draw(st.integers(0, len(self.counts) - 1)))
        self.bonus = roll_back(self.bonus, done)

    @rule(days=st.integers(1, 3))
    def waits(self, days: int) -> None:
        self.at += timedelta(days=days)
        self.bonus = expire(self.bonus, at=self.at)

    @invariant()
    def progress_is_what_still_counts(self) -> None:
        assert self.bonus.counted == sum(done.added for done in self.counts)
        assert 0 <= self.bonus.counted <= self.bonus.requirement

    @invariant()
    def breaches_are_those_that_stand(self) -> None:
        assert self.bonus.breaches == sum(done.outcome == "max_bet_breach" for done in self.counts)

    @invariant()
    def complete_means_complete(self) -> None:
        assert (self.bonus.state == "completed") <= (self.bonus.counted == self.bonus.requirement)
        assert (self.bonus.state == "active") <= (self.bonus.counted < self.bonus.requirement)


Play.TestCase.settings = sequences
TestPlay = Play.TestCase
