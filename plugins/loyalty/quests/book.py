"""Missions and achievements as operators define them: checked when saved, compiled when read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import Row, delete, insert, select, update

from pitboss.core import audit, contracts
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import offers, rulebook
from pitboss.plugins.loyalty.quests.goals import Goal, GoalKind
from pitboss.plugins.loyalty.quests.tables import MissionRow, ProgressRow

if TYPE_CHECKING:
    from pitboss.rules.filters import Filter

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
KINDS = ("mission", "achievement")
PLAYED = ("deposit", "withdrawal", "wager", "win", "session")
TOLD_OF = MappingProxyType(
    {
        "loyalty.deposit_made": "deposit",
        "loyalty.withdrawal_made": "withdrawal",
        "loyalty.wager_placed": "wager",
        "loyalty.win_paid": "win",
        "loyalty.session_ended": "session",
    }
)
"""Events that transactions become: missions follow the transactions, which can be rolled back."""
PERIODS = ("day", "week", "month", "lifetime")
MISSIONS_MAX = 500
"""All active ones are looked at for each transaction."""
WHOLE = "PTS"
"""A unit without decimals, for goals that are no money."""
SETTLED = ("on", "period")
"""What cannot change once somebody is on the way; nor can the kind of the goal and what it counts."""

_MISSION, _PROGRESS = MissionRow.__table__, ProgressRow.__table__
_kept: LRUCache[Any, tuple[Any, Mission]] = LRUCache(4096)


class PlayedFields(Schema):
    """What a condition over transactions may read."""

    kind = fields.String(validate=validate.OneOf(PLAYED))
    amount = fields.Integer(metadata={"type": "money"})
    stake = fields.Integer(metadata={"type": "money"})
    bonus_amount = fields.Integer(metadata={"type": "money"})
    game = fields.String()
    category = fields.String()
    odds = fields.Float()
    round = fields.String()
    seconds = fields.Integer()
    is_settled = fields.Boolean()


PLAYED_EVENT = contracts.Event(
    name="loyalty.transaction", title="Transaction", doc="What a player did.", schema=PlayedFields
)
"""Not registered: the words of conditions over transactions."""


class GoalSchema(Schema):
    """What must be reached."""

    kind = fields.String(required=True, validate=validate.OneOf(["count", "sum", "distinct", "streak"]))
    target = fields.String(required=True, validate=validate.Length(1, 20))
    """A whole number; for sums of money an amount, such as "100.00"."""
    of = fields.String(load_default="", validate=validate.Length(0, 40))
    """What is summed or told apart: a field of the transaction or event, such as amount or game."""
    unit = fields.String(load_default="", validate=validate.Length(0, 30))
    """What the player reads after the numbers, such as bets."""
    freezes = fields.Integer(load_default=0, validate=validate.Range(0, 30))
    """How many missed days a streak survives."""


class DefinitionSchema(Schema):
    """What a mission listens to, its goal, period and reward."""

    text = fields.String(load_default="", validate=validate.Length(0, 1000))
    on = fields.List(fields.String(), required=True, validate=validate.Length(1, 10))
    """Kinds of transactions, such as wager; or names of events."""
    when = fields.Raw(load_default=dict)
    """Which of them count, in the language of rules: {"game": {"in": ["slots"]}} or "stake >= 5"."""
    goal = fields.Nested(GoalSchema(), required=True)
    period = fields.String(load_default="lifetime", validate=validate.OneOf(PERIODS))
    repeats = fields.Boolean(load_default=True)
    """Whether it can be completed in each period, or once and never again."""
    reward = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)
    """The action and its parameters, as in the `then` of a rule."""
    keeps_reward = fields.Boolean(load_default=False)
    """Whether a reward stays although a rollback took the progress back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission:
    """A mission that was read: what counts, for how much, until when."""

    key: str
    kind: str
    title: str
    version: int
    text: str
    on: frozenset[str]
    counts: Filter
    goal: Goal
    """Without its time: what was counted once can be taken back whenever."""
    of: str
    unit: str
    is_money: bool
    period: str
    repeats: bool
    reward: Mapping[str, Any] | None
    keeps_reward: bool
    is_active: bool
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def source(self) -> str:
        """What rewards say that they come from."""
        return f"{self.kind}:{self.key}"

    def is_open(self, at: datetime) -> bool:
        """Tell whether an instant is in the time of the mission."""
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )


# -- read ------------------------------------------------------------------------------------------


def active(ctx: Context, on: str, at: datetime) -> list[Mission]:
    """Return the missions that count something of that kind, or that event, at an instant."""
    query = _mine(ctx).where(_MISSION.c.is_active.is_(True)).order_by(_MISSION.c.key)
    rows = [row for row in ctx.connection.execute(query) if on in row.definition["on"]]
    return [mission for mission in (read(ctx, row) for row in rows) if mission.is_open(at)]


def is_followed(ctx: Context, event: str) -> bool:
    """Tell whether an active mission counts events of that name."""
    query = select(_MISSION.c.definition).where(
        _MISSION.c.tenant_id == ctx.tenant.id, _MISSION.c.is_active.is_(True)
    )
    return any(event in definition["on"] for definition in ctx.connection.scalars(query))


def list_missions(ctx: Context, *, kind: str | None = None, is_active: bool | None = None) -> list[Row[Any]]:
    """Return missions by key."""
    query = _mine(ctx).order_by(_MISSION.c.key)
    if kind is not None:
        query = query.where(_MISSION.c.kind == kind)
    if is_active is not None:
        query = query.where(_MISSION.c.is_active.is_(is_active))
    return list(ctx.connection.execute(query))


def find(ctx: Context, key: str, *, for_update: bool = False) -> Row[Any]:
    """Return one mission as it is stored."""
    query = _mine(ctx).where(_MISSION.c.key == key)
    row = ctx.connection.execute(query.with_for_update() if for_update else query).first()
    if row is None:
        raise NotFound(f"no mission {key!r}")
    return row


def read(ctx: Context, row: Row[Any]) -> Mission:
    """Return a stored mission with its condition compiled; what was read before is taken again."""
    # By what it says and not by its version: a mission may be deleted, and another one have its key.
    said = (ctx.tenant.currency, ctx.tenant.zone, tuple(row))
    kept = _kept.get((ctx.tenant.id, row.key))
    if kept is None or kept[0] != said:
        kept = _kept[(ctx.tenant.id, row.key)] = (said, _read(ctx, row))
    return kept[1]


# -- written ---------------------------------------------------------------------------------------


def create(ctx: Context, sent: Mapping[str, Any]) -> Row[Any]:
    """Write a new mission, not active yet."""
    if not KEY.fullmatch(sent["key"]):
        said = marked("Small letters, digits and hyphens, at most 50.")
        raise InvalidInput(f"key: {sent['key']!r}: {said}", {"key": [said]})
    if len(list_missions(ctx)) >= MISSIONS_MAX:
        raise Conflict(f"there are {MISSIONS_MAX} missions: delete one that nobody needs")
    values = {**_values(sent), "kind": sent["kind"], "key": sent["key"], "version": 1, "is_active": False}
    check(ctx, values)
    known = select(_MISSION.c.key).where(_MISSION.c.tenant_id == ctx.tenant.id, _MISSION.c.key == sent["key"])
    if ctx.connection.scalar(known) is not None:
        raise Conflict(f"there is a mission {sent['key']!r} already: choose another key")
    ctx.connection.execute(insert(_MISSION).values(tenant_id=ctx.tenant.id, **values))
    _record(ctx, "created", sent["key"], new=values["definition"])
    return find(ctx, sent["key"])


def edit(ctx: Context, key: str, sent: Mapping[str, Any]) -> Row[Any]:
    """Write a new version; what decides how things are counted stays once somebody is on the way."""
    before = find(ctx, key, for_update=True)
    values = {**_values(sent), "kind": before.kind}
    check(ctx, {**values, "key": key, "version": before.version + 1, "is_active": before.is_active})
    if _is_under_way(ctx, key):
        _refuse_recounting(key, before.definition, values["definition"])
    _change(ctx, key, **values, version=before.version + 1)
    _record(ctx, "edited", key, old=before.definition, new=values["definition"])
    return find(ctx, key)


def switch(ctx: Context, key: str, *, is_active: bool, reason: str = "") -> Row[Any]:
    """Let a mission count, or no longer; what was counted stays."""
    before = find(ctx, key, for_update=True)
    if is_active:
        check(ctx, before._asdict())
    if before.is_active != is_active:
        _change(ctx, key, is_active=is_active)
        _record(ctx, "activated" if is_active else "deactivated", key, reason=reason)
    return find(ctx, key)


def remove(ctx: Context, key: str) -> None:
    """Delete a mission that nobody ever began."""
    find(ctx, key, for_update=True)
    if _is_under_way(ctx, key):
        raise Conflict(f"players are on the way with {key!r}: deactivate it instead")
    ctx.connection.execute(
        delete(_MISSION).where(_MISSION.c.tenant_id == ctx.tenant.id, _MISSION.c.key == key)
    )
    _record(ctx, "deleted", key)


def check(ctx: Context, values: Mapping[str, Any]) -> None:
    """Refuse a mission that could not work: words, goal, reward and time."""
    definition = values["definition"]
    _check_of(ctx, definition)
    _goal(ctx, definition)
    rulebook.read_filter(ctx, definition["when"], events_of(ctx, definition["on"]))
    if definition["reward"] is not None:
        offers.check(ctx, definition["reward"])
    if values["kind"] == "achievement" and definition["period"] != "lifetime":
        raise InvalidInput("period: an achievement is unlocked once: its period is 'lifetime'")
    starts, ends = values["starts_at"], values["ends_at"]
    if starts is not None and ends is not None and ends <= starts:
        raise InvalidInput("ends_at: it ends before it starts", {"ends_at": ["Choose a later time."]})


def events_of(ctx: Context, on: Sequence[str]) -> list[contracts.Event]:
    """Return what a mission listens to: transactions, or events of any plugin, but not both."""
    kinds = [name for name in on if name in PLAYED]
    if kinds and len(kinds) == len(on):
        return [PLAYED_EVENT]
    if kinds:
        raise InvalidInput(f"on: {', '.join(kinds)} are transactions, the rest are events: name one sort")
    for name in set(on) & set(TOLD_OF):
        raise InvalidInput(
            f"on: {name!r} is not followed: write {TOLD_OF[name]!r}, which rollbacks take back"
        )
    return [ctx.view.term(name, contracts.Event) for name in on]


# -- helpers ---------------------------------------------------------------------------------------


def _values(sent: Mapping[str, Any]) -> dict[str, Any]:
    try:
        definition = DefinitionSchema().load(sent["definition"])
    except ValidationError as error:
        raise InvalidInput.of("definition", error) from error
    times = {name: sent.get(name) for name in ("starts_at", "ends_at")}
    return {"title": sent["title"], "definition": definition, **times}


def _read(ctx: Context, row: Row[Any]) -> Mission:
    said, goal = row.definition, row.definition["goal"]
    return Mission(
        key=row.key,
        kind=row.kind,
        title=row.title,
        version=row.version,
        text=said["text"],
        on=frozenset(said["on"]),
        counts=rulebook.read_filter(ctx, said["when"], events_of(ctx, said["on"])),
        goal=_goal(ctx, said),
        of=goal["of"],
        unit=goal["unit"],
        is_money=_is_money(ctx, said),
        period=said["period"],
        repeats=said["repeats"],
        reward=said["reward"],
        keeps_reward=said["keeps_reward"],
        is_active=row.is_active,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def _goal(ctx: Context, definition: Mapping[str, Any]) -> Goal:
    said: Mapping[str, Any] = definition["goal"]
    unit = ctx.tenant.currency if _is_money(ctx, definition) else WHOLE
    kind: GoalKind = said["kind"]
    try:
        target = ctx.tenant.currencies.parse(said["target"], unit).minor
        return Goal(kind=kind, target=target, zone=str(ctx.tenant.zone), freezes=said["freezes"])
    except InvalidInput as error:
        raise InvalidInput(f"goal.target: {error}", {"goal": {"target": [str(error)]}}) from error


def _is_money(ctx: Context, definition: Mapping[str, Any]) -> bool:
    """Tell whether the goal sums a field that is money."""
    goal = definition["goal"]
    if goal["kind"] != "sum":
        return False
    summed = events_of(ctx, definition["on"])[0].schema().fields[goal["of"]]
    return summed.metadata.get("type") == "money"


def _check_of(ctx: Context, definition: Mapping[str, Any]) -> None:
    goal = definition["goal"]
    if goal["kind"] not in ("sum", "distinct"):
        return
    known = [set(event.schema().fields) for event in events_of(ctx, definition["on"])]
    common = sorted(set.intersection(*known))
    if goal["of"] not in common:
        said = marked(f"{goal['of']!r} is none of {', '.join(common)}")
        raise InvalidInput(f"goal.of: {said}", {"goal": {"of": [said]}})


def _refuse_recounting(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    changed = [name for name in SETTLED if before[name] != after[name]]
    changed += [f"goal.{n}" for n in ("kind", "of") if before["goal"][n] != after["goal"][n]]
    if changed:
        cure = marked("deactivate it, and write another")
        raise Conflict(f"players are on the way with {key!r}, so {', '.join(changed)} cannot change: {cure}")


def _is_under_way(ctx: Context, key: str) -> bool:
    query = select(_PROGRESS.c.mission).where(
        _PROGRESS.c.tenant_id == ctx.tenant.id, _PROGRESS.c.mission == key
    )
    return ctx.connection.execute(query.limit(1)).first() is not None


def _change(ctx: Context, key: str, **values: Any) -> None:
    ctx.connection.execute(
        update(_MISSION).where(_MISSION.c.tenant_id == ctx.tenant.id, _MISSION.c.key == key).values(**values)
    )


def _record(
    ctx: Context,
    step: str,
    key: str,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    audit.record(ctx, f"loyalty.mission_{step}", f"mission:{key}", old=old, new=new, reason=reason or None)


def _mine(ctx: Context) -> Any:
    return select(_MISSION).where(_MISSION.c.tenant_id == ctx.tenant.id)
