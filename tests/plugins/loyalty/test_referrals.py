"""A friend who plays is rewarded on both sides, once; one who is the referrer is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.loyalty.abuse.links import Score, Traits
from pitboss.plugins.loyalty.referrals.law import (
    MOVES,
    Figures,
    Paid,
    Referral,
    Terms,
    clear,
    missing,
    move,
    pair_score,
    qualify,
    recheck,
    register,
    reject,
    reward,
    screen,
)
from tests.plugins.loyalty.samples import START, day, sequences

ANN = Traits(player="ann", devices=frozenset({"d1"}), cards=frozenset({"c1"}))
BOB = Traits(player="bob", devices=frozenset({"d2"}), cards=frozenset({"c2"}))
TWIN = Traits(player="twin", devices=frozenset({"d1"}), cards=frozenset({"c1"}))
PLAYED = Figures(deposited=2000, wagered=5000)


def terms(**changes: Any) -> Terms:
    asked = {"referrer_reward": 1000, "friend_reward": 500, "deposit_min": 2000, "wagered_min": 5000}
    return Terms(**(asked | {"valid_for": timedelta(days=30)} | changes))


def registered(friend: Traits = BOB, **changes: Any) -> Referral:
    return register(Referral(id="r", referrer="ann"), terms(**changes), referrer=ANN, friend=friend, at=START)


def rewarded() -> Referral:
    return reward(qualify(registered(), terms(), PLAYED, at=START), terms(), Paid())[0]


def scored(points: int, *reasons: str) -> Score:
    return Score(points=points, links=(), reasons=reasons)


# -- the way to a reward ---------------------------------------------------------------------------


def test_a_friend_who_registers_deposits_and_bets_is_rewarded_on_both_sides() -> None:
    qualified = qualify(registered(), terms(), PLAYED, at=day(29))
    done, paid = reward(qualified, terms(), Paid())
    assert (qualified.state, done.state, done.friend) == ("qualified", "rewarded", "bob")
    assert (paid.referrer, paid.friend, paid.reasons) == (1000, 500, ())


@pytest.mark.parametrize(
    ("figures", "at", "said"),
    [
        (PLAYED, 0, ()),
        (Figures(deposited=1999, wagered=5000), 0, ("deposited 1999 of 2000",)),
        (Figures(deposited=0, wagered=4999), 0, ("deposited 0 of 2000", "wagered 4999 of 5000")),
        (PLAYED, 30, ("the 30 days to qualify are over",)),
    ],
)
def test_it_says_what_the_friend_still_has_to_do(figures: Figures, at: int, said: tuple[str, ...]) -> None:
    assert missing(terms(), registered(), figures, at=day(at)) == said
    assert (qualify(registered(), terms(), figures, at=day(at)).state == "qualified") is not bool(said)


def test_who_has_not_registered_cannot_qualify() -> None:
    invited = Referral(id="r", referrer="ann")
    assert missing(terms(), invited, PLAYED, at=START) == ("the friend has not registered",)
    assert qualify(invited, terms(), PLAYED, at=START) == invited


@pytest.mark.parametrize(
    ("changes", "before", "gets", "said"),
    [
        ({"rewards_max": 2}, Paid(count=1, amount=1000), 1000, ()),
        (
            {"rewards_max": 2},
            Paid(count=2, amount=2000),
            0,
            ("the referrer was rewarded for 2 of 2 friends",),
        ),
        ({"amount_max": 2500}, Paid(count=2, amount=2000), 500, ("the referrer was paid 2000 of 2500",)),
        ({"amount_max": 2500}, Paid(count=3, amount=2600), 0, ("the referrer was paid 2600 of 2500",)),
    ],
)
def test_the_cap_of_a_referrer_is_shown_and_leaves_the_friend_the_reward(
    changes: Any, before: Paid, gets: int, said: tuple[str, ...]
) -> None:
    _, paid = reward(move(registered(), "qualified"), terms(**changes), before)
    assert (paid.referrer, paid.friend, paid.reasons) == (gets, 500, said)


# -- fraud -----------------------------------------------------------------------------------------


def test_a_second_account_with_the_same_device_and_card_is_held_at_8() -> None:
    held = registered(TWIN)
    assert (held.state, held.score) == ("held", 8)
    assert held.reasons == ("same device (+4)", "same card (+4)")
    assert pair_score(ANN, TWIN).points == 8
    assert qualify(held, terms(), PLAYED, at=START) == held


def test_nobody_refers_themselves() -> None:
    assert registered(ANN).state == "rejected"


@pytest.mark.parametrize(("points", "state"), [(4, "registered"), (5, "held"), (9, "held"), (10, "rejected")])
def test_the_score_decides(points: int, state: str) -> None:
    assert screen(registered(), terms(), scored(points)).state == state


def test_what_a_person_cleared_is_held_again_only_for_more() -> None:
    cleared = clear(screen(registered(), terms(), scored(8)))
    assert cleared.state == "registered"
    assert screen(cleared, terms(), scored(8)) == cleared
    assert screen(cleared, terms(), scored(9)).state == "held"


def test_a_held_one_is_rejected_when_more_is_found() -> None:
    assert screen(screen(registered(), terms(), scored(8)), terms(), scored(10, "x")).state == "rejected"
    assert screen(screen(registered(), terms(), scored(6)), terms(), scored(8)).score == 8


def test_a_rejection_after_the_reward_claws_it_back() -> None:
    held = screen(rewarded(), terms(), scored(8, "same card (+4)"))
    back = reject(held, "one person")
    assert (held.state, held.is_rewarded) == ("held", True)
    assert (back.state, back.is_rewarded, back.reasons) == ("clawed_back", False, ("one person",))
    assert screen(back, terms(), scored(10)) == back


def test_a_rewarded_one_that_is_cleared_stays_rewarded() -> None:
    assert clear(screen(rewarded(), terms(), scored(8))).state == "rewarded"


def test_only_a_held_one_is_cleared() -> None:
    with pytest.raises(Conflict, match="only a held one"):
        clear(registered())


# -- rollbacks -------------------------------------------------------------------------------------

SHORT = Figures(deposited=0, wagered=5000)


def test_a_rolled_back_deposit_makes_the_qualified_wait_and_the_rewarded_pay_back() -> None:
    qualified = qualify(registered(), terms(), PLAYED, at=START)
    assert recheck(qualified, terms(), SHORT).state == "registered"
    back = recheck(rewarded(), terms(), SHORT)
    assert (back.state, back.reasons) == ("clawed_back", ("deposited 0 of 2000",))


@pytest.mark.parametrize("figures", [PLAYED, SHORT])
def test_a_rollback_changes_nothing_where_nothing_was_reached(figures: Figures) -> None:
    assert recheck(registered(), terms(), figures) == registered()


def test_a_rollback_that_leaves_enough_changes_nothing() -> None:
    assert recheck(rewarded(), terms(), PLAYED) == rewarded()


# -- moves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(MOVES))
def test_only_what_may_follow_follows(state: Any) -> None:
    referral = Referral(id="r", referrer="ann", state=state)
    for after in MOVES:
        if after in MOVES[state]:
            assert move(referral, after).state == after
        else:
            with pytest.raises(Conflict, match="cannot follow"):
                move(referral, after)


@pytest.mark.parametrize(
    "changes", [{"hold_score": 0}, {"hold_score": 9, "reject_score": 8}, {"deposit_min": 1.5}]
)
def test_terms_that_cannot_be_kept_are_refused(changes: Any) -> None:
    with pytest.raises(InvalidInput):
        terms(**changes)


class Life(RuleBasedStateMachine):
    """One referral under any sequence of steps: it is never rewarded twice, nor paid back unpaid."""

    def __init__(self) -> None:
        super().__init__()
        self.referral = Referral(id="r", referrer="ann")
        self.paid = self.paid_back = 0

    @rule(friend=st.sampled_from([BOB, TWIN, ANN]))
    def registers(self, friend: Traits) -> None:
        if self.referral.state == "invited":
            self.referral = register(self.referral, terms(), referrer=ANN, friend=friend, at=START)

    @rule(figures=st.sampled_from([PLAYED, SHORT]))
    def plays(self, figures: Figures) -> None:
        self.follow(qualify(self.referral, terms(), figures, at=START))

    @rule()
    def is_rewarded(self) -> None:
        if self.referral.state == "qualified":
            self.referral, _ = reward(self.referral, terms(), Paid())
            self.paid += 1

    @rule(points=st.integers(0, 10))
    def is_screened(self, points: int) -> None:
        if self.referral.state != "invited":
            self.follow(screen(self.referral, terms(), scored(points)))

    @rule()
    def is_cleared(self) -> None:
        if self.referral.state == "held":
            self.follow(clear(self.referral))

    @rule(figures=st.sampled_from([PLAYED, SHORT]))
    def is_rechecked(self, figures: Figures) -> None:
        self.follow(recheck(self.referral, terms(), figures))

    def follow(self, after: Referral) -> None:
        self.paid_back += after.state == "clawed_back" != self.referral.state
        self.referral = after

    @invariant()
    def what_is_paid_is_known(self) -> None:
        assert self.paid - self.paid_back == int(self.referral.is_rewarded)
        assert self.paid <= 1
        assert (self.referral.state == "rewarded") <= self.referral.is_rewarded


Life.TestCase.settings = sequences
TestLife = Life.TestCase


def test_scores_only_rise() -> None:
    known = replace(registered(), score=6)
    assert screen(known, terms(), scored(3)) == known
