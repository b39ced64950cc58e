"""Segments follow the events of a player."""

from __future__ import annotations

from pitboss.core.clock import uuid7
from pitboss.rules.book.live import book_of
from pitboss.rules.segments.membership import judged
from tests.rules.runtime.conftest import reward
from tests.rules.segments.conftest import segment

LOSING = segment("losing", {"net_loss_min": 100}, priority=1)
VIP = segment("vip", {"net_loss_min": 1000}, priority=5)


def test_a_player_enters_when_the_condition_becomes_true_and_leaves_when_it_no_longer_is(
    live, player, lose, standing
) -> None:
    live(LOSING)
    someone = player()
    lose(someone, 99_99)
    assert standing(someone) == ([], None)
    lose(someone, 1)
    assert standing(someone) == (["LOSING"], "LOSING")
    lose(someone, 0, won=1)
    assert standing(someone) == ([], None)


def test_a_stay_is_dated_and_names_its_version_and_its_events(live, player, lose, stays, clock) -> None:
    live(LOSING)
    someone = player()
    first, began = lose(someone, 100_00), clock.now()
    clock.advance(hours=1)
    last, ended = lose(someone, 0, won=1), clock.now()
    (stay,) = stays(someone)
    assert (stay.entered_at, stay.left_at, stay.version) == (began, ended, 1)
    assert (stay.event_id, stay.left_event_id) == (first.id, last.id)


def test_coming_and_going_is_told(live, player, lose, events) -> None:
    live(LOSING)
    someone = player()
    lose(someone, 100_00)
    lose(someone, 0, won=1)
    told = [(e.name, e.player_id, e.payload) for e in events() if e.name.startswith("rules.segment")]
    payload = {"segment": "losing", "version": 1}
    assert told == [
        ("rules.segment_entered", someone, payload),
        ("rules.segment_left", someone, payload),
    ]


def test_the_segment_is_the_one_of_highest_priority_then_the_first_by_key(
    live, player, lose, standing
) -> None:
    live(LOSING, VIP, segment("big", {"net_loss_min": 1000}, priority=5))
    someone = player()
    lose(someone, 1_000_00)
    assert standing(someone) == (["BIG", "LOSING", "VIP"], "BIG")


def test_a_reward_of_the_same_event_sees_the_segment_that_the_event_let_in(live, player, lose, seen) -> None:
    live(LOSING, reward(when="segment == 'LOSING' and in_segment('losing')"))
    lose(player(), 100_00)
    assert seen.payouts() == [("pay x0", 10_00)]


def test_a_segment_that_reads_segments_follows_them(live, player, lose, standing) -> None:
    live(LOSING, segment("again", "in_segment('losing')", priority=2))
    someone = player()
    lose(someone, 100_00)
    assert standing(someone) == (["AGAIN", "LOSING"], "AGAIN")
    lose(someone, 0, won=1)
    assert standing(someone) == ([], None)


def test_segments_that_exclude_each_other_come_to_rest(live, player, lose, stays) -> None:
    live(segment("odd", "not in_segment('even')"), segment("even", "in_segment('odd')"))
    someone = player()
    lose(someone, 1)
    assert 2 <= len(stays(someone)) <= 8


def test_a_segment_with_events_is_judged_on_those_alone(live, player, lose, standing) -> None:
    live(segment("moved", {"net_loss_min": 100}, on=["casino.price_moved"]))
    someone = player()
    lose(someone, 100_00)
    assert standing(someone) == ([], None)


def test_nothing_is_asked_of_the_database_when_nothing_changed(live, player, lose, ctx, sent) -> None:
    live(LOSING)
    someone = player()
    event = lose(someone, 100_00)
    facts = {"casino.net_loss": 100.0, "rules.segments": frozenset({"LOSING"})}
    book = book_of(ctx)
    with sent() as statements:
        assert judged(ctx, book, event, facts) == {}
    assert statements == []


def test_a_worker_that_comes_late_neither_doubles_a_stay_nor_tells_of_it(
    live, player, lose, kernel, tenant, stays, events, standing
) -> None:
    live(LOSING)
    someone = player()
    event = lose(someone, 100_00)
    with kernel.context(tenant.id) as ctx:
        # It read the facts before the other had written anything.
        changed = judged(ctx, book_of(ctx), event, {"casino.net_loss": 100.0})
    assert changed == {"rules.segments": frozenset({"LOSING"}), "rules.segment": "LOSING"}
    assert (len(stays(someone)), len(events("rules.segment_entered"))) == (1, 1)
    assert standing(someone) == (["LOSING"], "LOSING")


def test_what_an_older_judgement_did_is_put_right(
    live, player, lose, kernel, tenant, worker, standing
) -> None:
    live(LOSING)
    someone = player()
    event = lose(someone, 1)
    with kernel.context(tenant.id) as ctx:
        judged(ctx, book_of(ctx), event, {"casino.net_loss": 100.0})
    worker()
    assert standing(someone) == ([], None)


def test_players_of_another_tenant_are_in_nothing(live, player, lose, kernel, other_tenant) -> None:
    live(LOSING)
    someone = player()
    lose(someone, 100_00)
    with kernel.context(other_tenant.id) as ctx:
        assert ctx.of(someone).value("rules.segments") == ()
        assert book_of(ctx).segments.rules == {}
        assert ctx.of(uuid7()).value("rules.segment") is None
