"""Signals of abuse: raised once, acted on at once by their severity, and decided by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.abuse.tables import SignalRow
from pitboss.plugins.loyalty.players.tables import PlayerChange

RAISED = "loyalty.signal_raised"
HOLD, CASE, WATCH = "hold_rewards", "case", "watch"
SEVERITY_MAX = 10
RISK = "risk"
"""What the history of a player calls a change of its score."""
_BY_SIGNAL = "signal "

_SIGNAL, _CHANGE = SignalRow.__table__, PlayerChange.__table__


@dataclass(frozen=True, slots=True)
class Quality:
    """How right one detector has been."""

    detector: str
    raised: int
    open: int
    confirmed: int
    dismissed: int

    @property
    def false_positive_rate(self) -> float | None:
        """The share of what was decided that was no abuse; None before anything was."""
        decided = self.confirmed + self.dismissed
        return self.dismissed / decided if decided else None


# -- raised ----------------------------------------------------------------------------------------


def raise_signal(
    ctx: Context,
    *,
    key: str,
    player_id: UUID,
    detector: str,
    severity: int,
    reason: str,
    evidence: Mapping[str, Any] | None = None,
) -> UUID | None:
    """Raise a signal and do what its severity asks for; None where it was raised before."""
    if not 1 <= severity <= SEVERITY_MAX:
        raise InvalidInput(f"severity: {severity} is not 1 to {SEVERITY_MAX}")
    blocked = bool(players.lock(ctx, player_id).is_blocked)
    steps = _steps(ctx, severity)
    row = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "key": key,
        "player_id": player_id,
        "detector": detector,
        "severity": severity,
        "evidence": {"reason": reason, **(evidence or {})},
        "action": ", ".join(steps),
        "state": "open",
        "resolution": "",
        "detected_at": ctx.clock.now(),
    }
    signal_id = ctx.connection.scalar(_insert(ctx).on_conflict_do_nothing().returning(_SIGNAL.c.id), row)
    if signal_id is None:
        return None
    if HOLD in steps and not blocked:
        players.set_blocked(ctx, player_id, is_blocked=True, reason=f"{_BY_SIGNAL}{signal_id}: {reason}")
    _score(ctx, player_id, reason)
    payload = {
        "signal_id": signal_id,
        "detector": detector,
        "severity": severity,
        "action": row["action"],
        "needs_case": CASE in steps,
        "reason": reason,
        "evidence": row["evidence"],
    }
    ctx.emit(RAISED, payload, player_id=player_id)
    return UUID(str(signal_id))


# -- decided ---------------------------------------------------------------------------------------


def resolve(
    ctx: Context, signal_id: UUID, state: Literal["confirmed", "dismissed"], *, reason: str
) -> Row[Any]:
    """Decide on a signal: a confirmed one goes on holding, a dismissed one lets the player go."""
    before = find(ctx, signal_id)
    players.lock(ctx, before.player_id)
    decided = (
        update(_SIGNAL)
        .where(_SIGNAL.c.tenant_id == ctx.tenant.id, _SIGNAL.c.id == signal_id, _SIGNAL.c.state == "open")
        .values(state=state, resolved_by=ctx.actor.label, resolution=reason, resolved_at=ctx.clock.now())
        .returning(_SIGNAL)
    )
    row = ctx.connection.execute(decided).first()
    if row is None:
        raise Conflict(f"the signal is {find(ctx, signal_id).state}: only an open one can be decided")
    if state == "dismissed" and HOLD in row.action:
        _let_go(ctx, row.player_id, reason)
    _score(ctx, row.player_id, reason)
    target = f"signal:{signal_id}"
    audit.record(
        ctx, f"loyalty.signal_{state}", target, old={"state": "open"}, new={"state": state}, reason=reason
    )
    return row


def resolve_between(
    ctx: Context,
    player_ids: Sequence[UUID],
    detectors: Sequence[str],
    state: Literal["confirmed", "dismissed"],
    *,
    reason: str,
) -> None:
    """Decide alike on all open signals of these detectors that are about these players alone."""
    query = select(_SIGNAL).where(
        _SIGNAL.c.tenant_id == ctx.tenant.id,
        _SIGNAL.c.player_id.in_(player_ids),
        _SIGNAL.c.state == "open",
        _SIGNAL.c.detector.in_(detectors),
    )
    known = {str(player_id) for player_id in player_ids}
    for row in ctx.connection.execute(query.order_by(_SIGNAL.c.id)).all():
        if known.issuperset(row.evidence.get("players", ())):
            resolve(ctx, row.id, state, reason=reason)


# -- read ------------------------------------------------------------------------------------------


def find(ctx: Context, signal_id: UUID) -> Row[Any]:
    """Return one signal."""
    query = select(_SIGNAL).where(_SIGNAL.c.tenant_id == ctx.tenant.id, _SIGNAL.c.id == signal_id)
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(f"no signal {signal_id}")
    return row


def list_signals(
    ctx: Context,
    *,
    state: str | None = None,
    detector: str | None = None,
    player_id: UUID | None = None,
    severity_min: int = 1,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Row[Any]]:
    """Return signals, the newest first."""
    query = select(_SIGNAL).where(_SIGNAL.c.tenant_id == ctx.tenant.id, _SIGNAL.c.severity >= severity_min)
    for column, wanted in ((_SIGNAL.c.state, state), (_SIGNAL.c.detector, detector)):
        query = query if wanted is None else query.where(column == wanted)
    if player_id is not None:
        query = query.where(_SIGNAL.c.player_id == player_id)
    if before is not None:
        query = query.where(_SIGNAL.c.id < before)
    return list(ctx.connection.execute(query.order_by(_SIGNAL.c.id.desc()).limit(limit)))


def report(ctx: Context) -> list[Quality]:
    """Return how right each detector has been, by name."""
    query = (
        select(_SIGNAL.c.detector, _SIGNAL.c.state, func.count())
        .where(_SIGNAL.c.tenant_id == ctx.tenant.id)
        .group_by(_SIGNAL.c.detector, _SIGNAL.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for detector, state, count in ctx.connection.execute(query):
        found.setdefault(detector, {})[state] = int(count)
    return [
        Quality(name, sum(n.values()), n.get("open", 0), n.get("confirmed", 0), n.get("dismissed", 0))
        for name, n in sorted(found.items())
    ]


# -- helpers ---------------------------------------------------------------------------------------


def _steps(ctx: Context, severity: int) -> list[str]:
    settings = ctx.settings("loyalty")["signals"]
    asked = ((HOLD, settings["hold_severity"]), (CASE, settings["case_severity"]))
    return [step for step, least in asked if severity >= least] or [WATCH]


def _let_go(ctx: Context, player_id: UUID, reason: str) -> None:
    """Let a player have rewards again, unless another signal or a person holds them."""
    holding = select(_SIGNAL.c.id).where(
        _SIGNAL.c.tenant_id == ctx.tenant.id,
        _SIGNAL.c.player_id == player_id,
        _SIGNAL.c.state != "dismissed",
        _SIGNAL.c.action.contains(HOLD),
    )
    if ctx.connection.execute(holding.limit(1)).first() is None and _is_blocked_by_signal(ctx, player_id):
        players.set_blocked(ctx, player_id, is_blocked=False, reason=reason)


def _is_blocked_by_signal(ctx: Context, player_id: UUID) -> bool:
    last = (
        select(_CHANGE.c.after, _CHANGE.c.reason)
        .where(
            _CHANGE.c.tenant_id == ctx.tenant.id,
            _CHANGE.c.player_id == player_id,
            _CHANGE.c.what == players.BLOCK,
        )
        .order_by(_CHANGE.c.id.desc())
        .limit(1)
    )
    row = ctx.connection.execute(last).first()
    return row is not None and row.after == "true" and row.reason.startswith(_BY_SIGNAL)


def _score(ctx: Context, player_id: UUID, reason: str) -> None:
    """Set the fact `abuse_score`: ten times the gravest signal that nobody dismissed."""
    gravest = select(func.coalesce(func.max(_SIGNAL.c.severity), 0)).where(
        _SIGNAL.c.tenant_id == ctx.tenant.id,
        _SIGNAL.c.player_id == player_id,
        _SIGNAL.c.state != "dismissed",
    )
    row = players.find(ctx, player_id)
    before, after = int(row.abuse_score) if row else 0, 10 * int(ctx.connection.scalar(gravest) or 0)
    if before != after:
        players.change(ctx, player_id, abuse_score=after)
        players.note(ctx, player_id, RISK, str(before), str(after), reason=reason, at=ctx.clock.now())


def _insert(ctx: Context) -> Any:
    return (sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert)(_SIGNAL)
