"""An alert is told once for each crossing."""

from __future__ import annotations

import pytest

from pitboss.core.contracts import Guard, Owned
from pitboss.core.registry import View
from pitboss.rules.alerts import channels
from pitboss.rules.alerts.subjects import about_of, shortened
from pitboss.rules.alerts.tables import ABOUT_LENGTH_MAX, AlertRow
from tests.rules import casino
from tests.rules.alerts.conftest import alert


def test_an_alert_fires_when_its_condition_becomes_true_and_not_while_it_holds(
    live, player, lose, fired
) -> None:
    live(alert())
    someone = player()
    for stake in (99_99, 1, 5_00):
        lose(someone, stake)
    assert fired() == ["lost 100.00 EUR"]


def test_an_alert_is_armed_again_when_its_condition_no_longer_holds(live, player, lose, fired) -> None:
    live(alert())
    someone = player()
    lose(someone, 100_00)
    lose(someone, 0, won=1_00)
    lose(someone, 2_00)
    assert fired() == ["lost 100.00 EUR", "lost 101.00 EUR"]


def test_a_crossing_within_the_cool_down_is_not_told_then_or_later(live, player, lose, fired, clock) -> None:
    live(alert(cool_down="1h"))
    someone = player()
    lose(someone, 100_00)
    clock.advance(minutes=30)
    lose(someone, 0, won=1_00)
    lose(someone, 2_00)
    clock.advance(minutes=30)
    lose(someone, 1_00)
    assert fired() == ["lost 100.00 EUR"]
    lose(someone, 0, won=50_00)
    lose(someone, 50_00)
    assert fired() == ["lost 100.00 EUR", "lost 102.00 EUR"]


def test_each_player_has_a_crossing_of_their_own(live, player, lose, events) -> None:
    live(alert())
    players = [player(), player()]
    for someone in players:
        lose(someone, 100_00)
    assert [event.player_id for event in events("rules.alert_fired")] == players


def test_without_a_player_what_the_event_is_about_crosses(live, priced, fired) -> None:
    live(alert(on=["casino.price_moved"], when="event.odds >= 2", message="{event.market} at {event.odds}"))
    for market, odds in (("m1", 2.5), ("m2", 2.25), ("m1", 3.0), ("m2", 1.5), ("m2", 2.0)):
        priced(market, odds)
    assert fired() == ["m1 at 2.5", "m2 at 2.25", "m2 at 2"]


def test_the_event_says_what_it_carries_and_may_be_negative(live, player, lose, events) -> None:
    live(alert(value="0 - net_loss", severity=9, channels=["in_app"]))
    lose(player(), 100_00)
    (event,) = events("rules.alert_fired")
    said = {name: event.payload[name] for name in ("rule", "severity", "value", "channels", "about")}
    assert said == {
        "rule": "big-loss",
        "severity": 9,
        "value": -100.0,
        "channels": ["in_app"],
        "about": "slots",
    }


def test_a_player_is_told_over_each_channel_as_an_offer_unless_it_must_be_said(
    live, player, lose, told
) -> None:
    live(alert(channels=["in_app", "email"]), alert("must", channels=["in_app"], tags=["service"]))
    someone = player()
    lose(someone, 100_00)
    assert sorted(told()) == sorted(
        [
            (someone, "email", "marketing"),
            (someone, "in_app", "marketing"),
            (someone, "in_app", "service"),
        ]
    )


def test_operators_who_may_read_rules_are_told_over_the_channels_of_staff(
    live, player, lose, told, operator
) -> None:
    live(alert(channels=["staff"]))
    reader, _ = operator("rules.read"), operator("core.audit")
    lose(player(), 100_00)
    assert told() == [(reader, "in_app", "service")]


@pytest.mark.parametrize(("ways", "expected"), [(["in_app"], []), (["in_app", "staff"], [["staff"]])])
def test_a_player_of_whom_a_guard_refuses_it_is_not_told(
    ways, expected, live, player, lose, events, told, registry, monkeypatch
) -> None:
    monkeypatch.setattr(
        "pitboss.core.registry.View.guarding", _also(Guard("rules.alert", lambda *_: "self-excluded"))
    )
    live(alert(channels=ways))
    lose(player(), 100_00)
    assert [event.payload["channels"] for event in events("rules.alert_fired")] == expected
    assert told() == []


def _also(guard):
    guarding = View.guarding

    def more(view, operation):
        extra = [Owned("test", guard)] if operation == guard.operation else []
        return [*guarding(view, operation), *extra]

    return more


def test_channels_that_are_none_are_named() -> None:
    assert channels.problems(["in_app", "staff.email"]) == []
    assert channels.problems(["emial"]) == ["no channel 'emial': did you mean 'email'?"]


def test_a_long_name_is_shortened_and_stays_its_own() -> None:
    one, two = "x" * 200 + "1", "x" * 200 + "2"
    assert len(shortened(one)) == ABOUT_LENGTH_MAX
    assert shortened(one) != shortened(two)
    assert shortened("m1") == "m1"


def test_the_first_field_that_is_an_id_is_what_an_event_is_about(ctx, player) -> None:
    event = ctx.emit("rules.rule_changed", {"key": "k", "kind": "alert", "step": "saved", "version": 1})
    assert about_of(ctx, event) == "k"


def test_alerts_of_another_tenant_are_not_armed_by_ours(live, player, lose, kernel, other_tenant) -> None:
    live(alert())
    lose(player(), 100_00)
    with kernel.context(other_tenant.id) as ctx:
        casino.lose(ctx, player(), 100_00)
        assert ctx.session.query(AlertRow).count() == 0
