"""Fire alerts when an event is judged: once for each crossing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitboss.core.context import Context
from pitboss.core.events import Event
from pitboss.rules.alerts import subscribers
from pitboss.rules.alerts.states import alerts_on, switch_off, switch_on
from pitboss.rules.alerts.subjects import about_of, subject_of
from pitboss.rules.alerts.telling import Firing, tell
from pitboss.rules.book.live import Group, LiveRule
from pitboss.rules.engine.rule import Alert


def judged(ctx: Context, alerts: Group, event: Event, facts: Mapping[str, Any]) -> None:
    """Fire the alerts whose condition became true, and arm those whose condition no longer holds."""
    if not alerts:
        return
    if alerts.offered:
        subscribers.judged(ctx, alerts.offered, event, facts)
    if len(alerts.offered) == len(alerts.rules):
        return
    matches = alerts.decide(facts).matches
    holding = [key for key, _ in matches if key not in alerts.offered]
    _cross(ctx, alerts, event, facts, holding)


def _cross(ctx: Context, alerts: Group, event: Event, facts: Mapping[str, Any], holding: list[str]) -> None:
    subject = subject_of(ctx, event)
    on = alerts_on(ctx, subject)
    for key in sorted((on & alerts.rules.keys()).difference(holding)):
        switch_off(ctx, key, [subject])
    fired = [alerts.rules[key] for key in holding if key not in on]
    fired = [live for live in fired if switch_on(ctx, live, [subject])]
    if fired:
        about = about_of(ctx, event)
        tell(ctx, [_firing(live, event, facts, about) for live in fired])


def _firing(live: LiveRule, event: Event, facts: Mapping[str, Any], about: str) -> Firing:
    assert isinstance(live.rule, Alert)
    return Firing(
        live=live,
        event=event,
        facts=facts,
        about=about,
        player_id=event.player_id,
        channels=live.rule.channels,
    )
