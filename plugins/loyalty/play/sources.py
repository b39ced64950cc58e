"""Take events of other plugins as transactions, as the tenant's settings say which and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pitboss.core.context import Context
from pitboss.core.contracts import ANY, Listener
from pitboss.core.errors import InvalidInput, PitbossError, nearest
from pitboss.core.events import Event
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX
from pitboss.plugins.loyalty.play.incoming import AMOUNT_MAX, SECONDS_MAX, Sent, check_time, refuse
from pitboss.plugins.loyalty.play.ingestion import take
from pitboss.plugins.loyalty.play.tables import SENDER_ID_LENGTH_MAX

NAME = "loyalty"


def wants(ctx: Context, event: Event) -> bool:
    """Tell whether the tenant takes an event as a transaction."""
    return any(source["event"] == event.name for source in ctx.settings(NAME)["sources"])


def listen(ctx: Context, event: Event) -> None:
    """Take an event as the transactions that it is; one that cannot be taken waits as a dead letter."""
    sent = [_sent(ctx, event, source) for source in _of(ctx, event)]
    for one, taken in zip(sent, take(ctx, sent), strict=True):
        if taken.error is not None:
            raise _named(event, one.kind, taken.error)


def _of(ctx: Context, event: Event) -> Iterator[Mapping[str, Any]]:
    yield from (source for source in ctx.settings(NAME)["sources"] if source["event"] == event.name)


def _named(event: Event, kind: str, error: PitbossError) -> InvalidInput:
    return InvalidInput(f"{event.name} {event.id} is no {kind}: {error}", getattr(error, "fields", None))


def _sent(ctx: Context, event: Event, source: Mapping[str, Any]) -> Sent:
    """Read an event as a transaction under the id of what it is about."""
    if event.player_id is None:
        raise InvalidInput(f"{event.name} {event.id} is of no player: it cannot be a transaction")
    name = _text(event, source, "id", SENDER_ID_LENGTH_MAX - 20) or str(event.id)
    kind = source["kind"]
    rolls_back = f"{source['of']}:{name}" if kind == "rollback" else None
    at = _at(event, source)
    wrong = check_time(ctx, at)
    refuse({"at": [wrong]} if wrong else {})
    return Sent(
        # One sender for all events of a plugin, so that one can take back what another told.
        sender=f"plugin:{event.name.partition('.')[0]}",
        sender_id=f"{kind}:{rolls_back or name}",
        player=event.player_id,
        kind=kind,
        amount=_amount(ctx, event, source, "amount"),
        bonus_amount=_amount(ctx, event, source, "bonus_amount"),
        game=_text(event, source, "game", CODE_LENGTH_MAX),
        category=_text(event, source, "category", CODE_LENGTH_MAX),
        odds=_text(event, source, "odds", 20),
        round_id=_text(event, source, "round", SENDER_ID_LENGTH_MAX),
        seconds=_seconds(event, source),
        at=at,
        is_settled=source["is_settled"] or kind != "wager",
        rolls_back=rolls_back,
    )


def _value(event: Event, source: Mapping[str, Any], name: str) -> Any:
    """Return what the event holds in the field that the mapping names."""
    at = source[name]
    if at is None:
        return None
    if at not in event.payload:
        cure = nearest(at, sorted(event.payload))
        raise InvalidInput(
            f"{event.name} has no field {at!r} for {name!r}: {cure}; see the setting 'sources'"
        )
    return event.payload[at]


def _text(event: Event, source: Mapping[str, Any], name: str, length_max: int) -> str | None:
    value = _value(event, source, name)
    return None if value is None else str(value)[:length_max]


def _amount(ctx: Context, event: Event, source: Mapping[str, Any], name: str) -> int:
    """Read money: whole minor units, as events carry it, or text in major units; never a float."""
    value = _value(event, source, name)
    if value is None:
        return 0
    if isinstance(value, str):
        value = ctx.tenant.currencies.parse(value, ctx.tenant.currency).minor
    if type(value) is not int or not 0 <= value <= AMOUNT_MAX:
        cure = marked(f"whole minor units from 0 to {AMOUNT_MAX}, or text in major units")
        raise InvalidInput(f"{event.name}: {source[name]!r} is {value!r}, and must be {cure}")
    return value


def _seconds(event: Event, source: Mapping[str, Any]) -> int:
    value = _value(event, source, "seconds")
    if value is None:
        return 0
    if type(value) not in (int, float) or not 0 <= value <= SECONDS_MAX:
        raise InvalidInput(
            f"{event.name}: {source['seconds']!r} is {value!r}, not 0 to {SECONDS_MAX} seconds"
        )
    return int(value)


def _at(event: Event, source: Mapping[str, Any]) -> datetime:
    value = _value(event, source, "at")
    if value is None:
        return event.at
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise InvalidInput(f"{event.name}: {source['at']!r} is {value!r}, an instant without its time zone")
    return at


LISTENERS = (Listener(ANY, listen, name="take_as_transaction", wants=wants),)
