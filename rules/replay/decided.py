"""What was decided, as it is kept: found by rule, player, event, outcome and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import told
from pitboss.rules.runtime.tables import DecisionRow, JudgementRow, Outcome

_DECISION, _JUDGEMENT = DecisionRow.__table__, JudgementRow.__table__
UNSEEN = (Outcome.HELD_OUT,)
"""What players are not shown: who knows to be held out behaves differently."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one rule that matched one event."""

    id: UUID
    event_id: UUID
    rule: str
    version: int
    player_id: UUID | None
    outcome: str
    amount: str | None
    """In major units, as text."""
    unit: str | None
    detail: Mapping[str, Any]
    at: datetime

    @property
    def reason(self) -> str | None:
        """Why it was not done, in the language of this request."""
        reason = self.detail.get("reason")
        return None if reason is None else told(reason)

    @property
    def actions(self) -> list[dict[str, Any]]:
        """What each action did, and what it answered."""
        return list(self.detail.get("actions", ()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """An event that rules were judged on, with the facts as they were."""

    id: UUID
    event: str
    player_id: UUID | None
    revision: int
    facts: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which decisions: those of which all of this is so."""

    rule: str | None = None
    player_id: UUID | None = None
    event: str | None = None
    event_id: UUID | None = None
    outcome: str | None = None
    from_: datetime | None = None
    until: datetime | None = None
    is_shown_to_player: bool = False


_COLUMNS = [_DECISION.c[name] for name in Decision.__slots__]
_JUDGED = [_JUDGEMENT.c[name] for name in Judgement.__slots__]


def decisions(
    ctx: Context, wanted: Filter, *, before: UUID | None = None, limit: int | None = None
) -> list[Decision]:
    """Return decisions, the newest first."""
    query = _filtered(select(*_COLUMNS).where(_DECISION.c.tenant_id == ctx.tenant.id), wanted)
    if before is not None:
        query = query.where(_DECISION.c.id < before)
    rows = ctx.connection.execute(query.order_by(_DECISION.c.id.desc()).limit(limit))
    return [_decision(ctx, row) for row in rows]


def decision(ctx: Context, decision_id: UUID) -> Decision:
    """Return a decision, or raise NotFound."""
    query = select(*_COLUMNS).where(_DECISION.c.tenant_id == ctx.tenant.id, _DECISION.c.id == decision_id)
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(_("no decision %(decision_id)s", decision_id=decision_id))
    return _decision(ctx, row)


def judgement(ctx: Context, event_id: UUID) -> Judgement:
    """Return what was judged of an event, or raise NotFound."""
    found = look_up_judgement(ctx, event_id)
    if found is None:
        raise NotFound(
            _(
                "no event %(event_id)s was judged, or it is so long ago that it is forgotten",
                event_id=event_id,
            )
        )
    return found


def look_up_judgement(ctx: Context, event_id: UUID) -> Judgement | None:
    """Return what was judged of an event, or None."""
    query = select(*_JUDGED).where(_JUDGEMENT.c.tenant_id == ctx.tenant.id, _JUDGEMENT.c.id == event_id)
    row = ctx.connection.execute(query).first()
    return Judgement(*row) if row is not None else None


def judgements(ctx: Context, player_id: UUID, *, limit: int) -> list[Judgement]:
    """Return the latest events that were judged of a player, the newest first."""
    query = select(*_JUDGED).where(
        _JUDGEMENT.c.tenant_id == ctx.tenant.id, _JUDGEMENT.c.player_id == player_id
    )
    return [
        Judgement(*row) for row in ctx.connection.execute(query.order_by(_JUDGEMENT.c.id.desc()).limit(limit))
    ]


def latest_judgement(ctx: Context, player_id: UUID, event: str) -> Judgement | None:
    """Return the latest event of that name that was judged of a player."""
    query = select(*_JUDGED).where(
        _JUDGEMENT.c.tenant_id == ctx.tenant.id,
        _JUDGEMENT.c.player_id == player_id,
        _JUDGEMENT.c.event == event,
    )
    row = ctx.connection.execute(query.order_by(_JUDGEMENT.c.id.desc()).limit(1)).first()
    return Judgement(*row) if row is not None else None


def _filtered(query: Select[Any], wanted: Filter) -> Select[Any]:
    for name in ("rule", "player_id", "event_id", "outcome"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(_DECISION.c[name] == value)
    if wanted.event is not None:
        same = and_(_JUDGEMENT.c.tenant_id == _DECISION.c.tenant_id, _JUDGEMENT.c.id == _DECISION.c.event_id)
        query = query.join(_JUDGEMENT, same).where(_JUDGEMENT.c.event == wanted.event)
    if wanted.from_ is not None:
        query = query.where(_DECISION.c.at >= wanted.from_)
    if wanted.until is not None:
        query = query.where(_DECISION.c.at < wanted.until)
    if wanted.is_shown_to_player:
        query = query.where(_DECISION.c.outcome.not_in(UNSEEN))
    return query


def _decision(ctx: Context, row: Any) -> Decision:
    values = dict(row._mapping)
    detail = dict(values["detail"] or {})
    if "actions" in detail:
        detail["actions"] = [
            {**done, "amount": amount_text(ctx, done["amount"], done["unit"])} for done in detail["actions"]
        ]
    amount = amount_text(ctx, values["amount"], values["unit"])
    return Decision(**{**values, "amount": amount, "detail": detail})


def amount_text(ctx: Context, minor: int | None, unit: str | None) -> str | None:
    """Write an amount that is kept in minor units."""
    return None if minor is None or unit is None else ctx.tenant.currencies.text(Money(minor, unit))
