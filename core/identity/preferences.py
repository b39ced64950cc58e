"""What a player may choose: typed keys with defaults. A choice holds from the next request on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.identity import activity
from pitboss.core.identity.tables import PreferenceRow
from pitboss.core.identity.visitor import NOWHERE, Visitor
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

TEXT_CHARACTERS_MAX = 80
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ROW = PreferenceRow.__table__

PreferenceType = Literal["choice", "boolean", "text", "period", "time_zone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Something that a player may choose."""

    key: str
    title: str
    doc: str
    type: PreferenceType
    default: Any
    choices: tuple[str, ...] = ()


def _marketing(channel: str, title: str) -> Preference:
    return Preference(
        key=f"marketing_{channel}",
        title=title,
        doc=f"Whether offers may be sent by {channel.replace('_', ' ')}. Nobody is opted in by default.",
        type="boolean",
        default=False,
    )


PREFERENCES: dict[str, Preference] = {
    preference.key: preference
    for preference in (
        Preference(
            key="odds_format",
            title="Odds format",
            doc="How odds are shown.",
            type="choice",
            choices=("decimal", "fractional", "american", "hong_kong", "malay", "indonesian"),
            default="decimal",
        ),
        Preference(
            key="favourite_team",
            title="Favourite team",
            doc="Shown first wherever there is a choice.",
            type="text",
            default=None,
        ),
        Preference(
            key="time_zone",
            title="Time zone",
            doc="Of the times that are shown; nothing means the brand's own.",
            type="time_zone",
            default=None,
        ),
        Preference(
            key="quiet_hours",
            title="Quiet hours",
            doc='When no message is sent, such as {"from": "22:00", "until": "08:00"}; nothing means never.',
            type="period",
            default=None,
        ),
        _marketing("email", "Offers by email"),
        _marketing("sms", "Offers by text message"),
        _marketing("push", "Offers on the device"),
        _marketing("phone", "Offers by telephone"),
        _marketing("in_app", "Offers in the app"),
    )
}


def preferences_of(ctx: Context, player_id: UUID) -> dict[str, Any]:
    """Return every preference of a player, defaults included."""
    chosen = select(_ROW.c.key, _ROW.c.value).where(
        _ROW.c.tenant_id == ctx.tenant.id, _ROW.c.player_id == player_id
    )
    found = {key: preference.default for key, preference in PREFERENCES.items()}
    found |= {row.key: row.value for row in ctx.connection.execute(chosen) if row.key in found}
    return found


def change_preferences(
    ctx: Context, player_id: UUID, changes: Mapping[str, Any], visitor: Visitor = NOWHERE
) -> dict[str, Any]:
    """Change some preferences, or none when one of them does not fit; None brings back the default."""
    for key, value in changes.items():
        _check(key, value)
    before = preferences_of(ctx, player_id)
    for key, value in changes.items():
        wanted = PREFERENCES[key].default if value is None else value
        if wanted != before[key]:
            _write(ctx, player_id, key, wanted)
            details = {"key": key, "old": before[key], "new": wanted}
            activity.record(ctx, player_id, "preference_changed", visitor, details=details)
    return preferences_of(ctx, player_id)


def _write(ctx: Context, player_id: UUID, key: str, value: Any) -> None:
    if value == PREFERENCES[key].default:
        of_key = (_ROW.c.player_id == player_id) & (_ROW.c.key == key)
        ctx.connection.execute(delete(_ROW).where(_ROW.c.tenant_id == ctx.tenant.id, of_key))
        return
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    choice = {"value": value, "changed_at": ctx.clock.now()}
    written = insert(_ROW).values(tenant_id=ctx.tenant.id, player_id=player_id, key=key, **choice)
    chosen = written.on_conflict_do_update(index_elements=["tenant_id", "player_id", "key"], set_=choice)
    ctx.connection.execute(chosen)


def _check(key: str, value: Any) -> None:
    preference = PREFERENCES.get(key)
    if preference is None:
        cure = nearest(key, list(PREFERENCES))
        raise InvalidInput(f"{key}: no such preference; {cure}", {key: [f"No such preference; {cure}"]})
    problem = None if value is None else _CHECKS[preference.type](preference, value)
    if problem:
        raise InvalidInput(f"{key}: {value!r} does not fit: {problem}", {key: [problem]})


def _check_choice(preference: Preference, value: Any) -> str | None:
    is_known = isinstance(value, str) and value in preference.choices
    return None if is_known else marked(f"Choose one of: {', '.join(preference.choices)}.")


def _check_boolean(_preference: Preference, value: Any) -> str | None:
    return None if isinstance(value, bool) else marked("Choose true or false.")


def _check_text(_preference: Preference, value: Any) -> str | None:
    is_short = isinstance(value, str) and 0 < len(value) <= TEXT_CHARACTERS_MAX and value.isprintable()
    return None if is_short else marked(f"Write 1 to {TEXT_CHARACTERS_MAX} printable characters.")


def _check_period(_preference: Preference, value: Any) -> str | None:
    is_period = isinstance(value, Mapping) and set(value) == {"from", "until"}
    if is_period and all(isinstance(t, str) and _CLOCK_TIME.fullmatch(t) for t in value.values()):
        return None
    return marked('Write it as {"from": "22:00", "until": "08:00"}.')


def _check_time_zone(_preference: Preference, value: Any) -> str | None:
    is_zone = isinstance(value, str) and value in available_timezones()
    return None if is_zone else marked("Name a time zone, such as Europe/London.")


_CHECKS: dict[PreferenceType, Callable[[Preference, Any], str | None]] = {
    "choice": _check_choice,
    "boolean": _check_boolean,
    "text": _check_text,
    "period": _check_period,
    "time_zone": _check_time_zone,
}
