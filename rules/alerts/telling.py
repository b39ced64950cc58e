"""Tell of alerts that fired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from pitboss.core import events
from pitboss.core.context import Context
from pitboss.core.errors import Refused
from pitboss.core.events import Event
from pitboss.core.notifications import Category, notify, notify_operators
from pitboss.rules.alerts import channels
from pitboss.rules.alerts.messages import filled, value_of
from pitboss.rules.book.live import LiveRule
from pitboss.rules.engine.rule import Alert

FIRED = "rules.alert_fired"
OPERATION = "rules.alert"
"""What guards are asked before a player is told of anything."""
TEMPLATE = "core.alert"
READERS = "rules.read"
"""What operators hold who are told of alerts."""
SERVICE_TAG = "service"
"""The tag of an alert that is sent to players who did not agree to offers."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a player is about to be told: guards of `rules.alert` are asked about it."""

    rule: str
    version: int
    player_id: UUID
    message: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """An alert that fires now."""

    live: LiveRule
    event: Event
    facts: Mapping[str, Any]
    about: str
    player_id: UUID | None
    channels: Sequence[str]
    subscription_id: UUID | None = None

    @property
    def rule(self) -> Alert:
        """The alert as it is written."""
        assert isinstance(self.live.rule, Alert)
        return self.live.rule

    @property
    def category(self) -> str:
        """Why it is sent: what a player asked for, and what must be said, is no offer."""
        is_service = self.subscription_id is not None or SERVICE_TAG in self.rule.tags
        return Category.SERVICE if is_service else Category.MARKETING


def tell(ctx: Context, firings: Sequence[Firing]) -> None:
    """Record that alerts fired, and notify; what a guard refuses is not told to the player."""
    told = [event for firing in firings if (event := _told(ctx, firing)) is not None]
    if told:
        events.record(ctx, told)


def _told(ctx: Context, firing: Firing) -> Event | None:
    """Notify of one firing; return its event, None where nobody is to know of it."""
    message = filled(ctx, firing.live, firing.facts)
    wanted, staff = channels.of_player(firing.channels), channels.of_staff(firing.channels)
    is_players = firing.player_id is not None and (bool(wanted) or not staff)
    if is_players and _is_refused(ctx, firing, message, wanted):
        if not staff:
            return None
        wanted = []
    _notify(ctx, firing, message, wanted, staff)
    payload = {
        "rule": firing.live.key,
        "severity": firing.rule.severity,
        "message": message,
        "value": value_of(firing.live, firing.facts),
        "channels": [*(wanted if firing.player_id is not None else ()), *staff],
        "about": firing.about,
    }
    return events.prepare(ctx, FIRED, payload, player_id=firing.player_id)


def _is_refused(ctx: Context, firing: Firing, message: str, wanted: Sequence[str]) -> bool:
    assert firing.player_id is not None
    notice = Notice(firing.live.key, firing.live.version, firing.player_id, message, tuple(wanted))
    try:
        ctx.guard(OPERATION, notice)
    except Refused as refused:
        log.info("alert is not told", rule=firing.live.key, reason=str(refused))
        return True
    return False


def _notify(ctx: Context, firing: Firing, message: str, wanted: Sequence[str], staff: Sequence[str]) -> None:
    rule = firing.rule
    data = {
        "name": rule.name or rule.key,
        "message": message,
        "severity": rule.severity,
        "about": firing.about,
    }
    # The same event tells the same person once, however often it is judged.
    key = f"alert:{rule.key}:{firing.event.id}"
    if firing.player_id is not None:
        for channel in wanted:
            own = f"{key}:{firing.subscription_id.hex}" if firing.subscription_id is not None else key
            notify(ctx, firing.player_id, TEMPLATE, data, channel, firing.category, key=own)
    for name in staff:
        notify_operators(ctx, TEMPLATE, data, channels.STAFF[name], permission=READERS, key=key)
