"""Players are told at thresholds of their own."""

from __future__ import annotations

import pytest
from sqlalchemy import event as sql_event

from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.rules.alerts import subscriptions
from pitboss.rules.alerts.subscriptions import change, list_subscriptions, subscribe, unsubscribe
from tests.rules.alerts.conftest import alert, price_alert


@pytest.fixture
def asks(kernel, tenant):
    """Have a player subscribe: `asks(player_id, "value", threshold=2.5)`."""

    def ask(player_id, rule="value", **more):
        with kernel.context(tenant.id) as ctx:
            return subscribe(ctx, player_id, rule, **more)

    return ask


def test_each_is_told_when_their_own_threshold_is_crossed(live, player, asks, priced, events) -> None:
    live(price_alert())
    low, high = player(), player()
    asks(low, threshold=2)
    asks(high, threshold=3)
    for odds in (1.5, 2.5, 3.5, 1.5, 2.5):
        priced("m1", odds)
    fired = [(e.player_id, e.payload["message"]) for e in events("rules.alert_fired")]
    assert fired == [
        (low, "2.5 is 2 or more"),
        (high, "3.5 is 3 or more"),
        (low, "2.5 is 2 or more"),
    ]


def test_what_a_player_asked_for_is_no_offer(live, player, asks, priced, told) -> None:
    live(price_alert())
    someone = player()
    asks(someone, threshold=2, channels=["email"])
    priced("m1", 2)
    assert told() == [(someone, "email", "service")]


def test_nobody_else_is_told_of_an_alert_that_is_offered(live, priced, fired) -> None:
    live(price_alert(), price_alert("any", when="event.odds >= 1", tags=["offered"], message="any"))
    priced("m1", 2)
    assert fired() == []


def test_a_subscription_may_be_limited_to_one_thing(live, player, asks, priced, events) -> None:
    live(price_alert())
    asks(player(), threshold=2, about="m2")
    asks(player(), threshold=2)
    priced("m1", 2)
    priced("m2", 2)
    assert [event.payload["about"] for event in events("rules.alert_fired")] == ["m1", "m2", "m2"]


def test_on_an_event_of_a_player_their_own_subscription_is_judged(live, player, lose, asks, events) -> None:
    live(alert(when="net_loss >= threshold"))
    one, two = player(), player()
    asks(one, "big-loss", threshold=10)
    asks(two, "big-loss", threshold=10)
    lose(one, 10_00)
    lose(one, 10_00)
    assert [event.player_id for event in events("rules.alert_fired")] == [one]


def test_facts_of_those_who_subscribed_are_read_for_all_of_a_page(
    live, player, lose, asks, priced, events
) -> None:
    live(price_alert(when="event.odds >= threshold and net_loss >= 5", message="you lost {net_loss}"))
    loser, other = player(), player()
    for someone in (loser, other):
        asks(someone, threshold=2)
    lose(loser, 5_00)
    priced("m1", 2)
    fired = [(e.player_id, e.payload["message"]) for e in events("rules.alert_fired")]
    assert fired == [(loser, "you lost 5.00 EUR")]


def test_many_who_subscribed_cost_no_query_each(
    live, player, asks, priced, worker, ctx, kernel, tenant
) -> None:
    live(price_alert())

    def statements(count: int) -> int:
        for _ in range(count):
            asks(player(), threshold=100 + count)
        seen: list[str] = []
        engine = kernel.database.engine_of(tenant.id)
        see = lambda _c, _u, statement, *_: seen.append(statement)  # noqa: E731 - removed below
        sql_event.listen(engine, "before_cursor_execute", see)
        priced("m1", 2)
        sql_event.remove(engine, "before_cursor_execute", see)
        return len(seen)

    assert statements(1) == statements(20)


def test_every_page_is_judged(live, player, asks, priced, events, monkeypatch) -> None:
    monkeypatch.setattr("pitboss.rules.alerts.subscribers.PAGE_SUBSCRIPTIONS", 2)
    live(price_alert())
    for _ in range(5):
        asks(player(), threshold=2)
    priced("m1", 2)
    assert len(events("rules.alert_fired")) == 5


def test_another_threshold_is_another_crossing(live, player, asks, priced, fired, kernel, tenant) -> None:
    live(price_alert())
    someone = player()
    made = asks(someone, threshold=2)
    priced("m1", 2.5)
    with kernel.context(tenant.id) as ctx:
        changed = change(ctx, someone, made.id, {"threshold": 2.25})
    assert changed.threshold == 2.25
    priced("m1", 2.5)
    assert fired() == ["2.5 is 2 or more", "2.5 is 2.25 or more"]


def test_who_unsubscribed_is_told_nothing(live, player, asks, priced, fired, kernel, tenant) -> None:
    live(price_alert())
    someone = player()
    made = asks(someone, threshold=2)
    with kernel.context(tenant.id) as ctx:
        unsubscribe(ctx, someone, made.id)
        assert list_subscriptions(ctx, someone) == []
    priced("m1", 2.5)
    assert fired() == []


WRONG = {
    "no such alert": ("valeu", {"threshold": 2}, "did you mean 'value'"),
    "an alert that is not offered": ("big-loss", {}, "not.*offered|no alert 'big-loss' is offered"),
    "no threshold": ("value", {}, "needs one"),
    "a threshold too many": ("any", {"threshold": 2}, "has none"),
    "a threshold that is no number": ("value", {"threshold": float("nan")}, "finite"),
    "a channel that there is not": ("value", {"threshold": 2, "channels": ["pigeon"]}, "pigeon"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_subscription_is_refused(name, live, ctx) -> None:
    rule, sent, said = WRONG[name]
    live(price_alert(), alert(), price_alert("any", when="event.odds >= 1", tags=["offered"], message="any"))
    with pytest.raises(InvalidInput, match=said):
        subscribe(ctx, uuid7(), rule, **sent)


def test_one_too_many_is_refused(live, ctx, monkeypatch) -> None:
    monkeypatch.setattr(subscriptions, "SUBSCRIPTIONS_MAX", 2)
    live(price_alert())
    someone = uuid7()
    for about in ("m1", "m2"):
        subscribe(ctx, someone, "value", threshold=2, about=about)
    with pytest.raises(Conflict, match="at most 2"):
        subscribe(ctx, someone, "value", threshold=2, about="m3")


def test_the_same_subscription_twice_is_a_conflict(live, ctx) -> None:
    live(price_alert())
    someone = uuid7()
    subscribe(ctx, someone, "value", threshold=2)
    with pytest.raises(Conflict, match="already"):
        subscribe(ctx, someone, "value", threshold=3)


def test_a_subscription_is_its_players_and_its_tenants_alone(
    live, player, asks, kernel, other_tenant, tenant
) -> None:
    live(price_alert())
    someone = player()
    made = asks(someone, threshold=2)
    with kernel.context(tenant.id) as ctx, pytest.raises(NotFound):
        unsubscribe(ctx, player(), made.id)
    with kernel.context(other_tenant.id) as ctx, pytest.raises(NotFound):
        unsubscribe(ctx, someone, made.id)
