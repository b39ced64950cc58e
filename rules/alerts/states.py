"""Whether the condition of an alert held when it was last judged: switched by whoever is first.

An alert fires when it is switched on. Within its cool-down it is switched on in silence, so that a
crossing that came too soon is not told of later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.rules.alerts.tables import AlertRow
from pitboss.rules.book.live import LiveRule
from pitboss.rules.engine.rule import Alert
from pitboss.rules.runtime.uses import cool_down

_ALERT = AlertRow.__table__
_KEY = ("tenant_id", "subject", "rule")


def alerts_on(ctx: Context, subject: str) -> set[str]:
    """Return the alerts that are on for a subject."""
    query = select(_ALERT.c.rule).where(_of(ctx), _ALERT.c.subject == subject, _ALERT.c.is_on)
    return set(ctx.connection.scalars(query))


def subjects_on(ctx: Context, rule: str, subjects: Collection[str]) -> set[str]:
    """Return those of some subjects for whom an alert is on."""
    query = select(_ALERT.c.subject).where(_these(ctx, rule, subjects), _ALERT.c.is_on)
    return set(ctx.connection.scalars(query)) if subjects else set()


def switch_on(ctx: Context, live: LiveRule, subjects: Collection[str]) -> set[str]:
    """Switch an alert on for subjects; return those for whom it fires now."""
    if not subjects:
        return set()
    common = {"tenant_id": ctx.tenant.id, "rule": live.key, "is_on": True, "times": 1}
    rows = [common | {"subject": s, "fired_at": ctx.clock.now()} for s in sorted(subjects)]
    fired = set(ctx.connection.scalars(_firing(ctx, live), rows))
    quiet = [subject for subject in subjects if subject not in fired]
    if quiet:
        _switch(ctx, live.key, quiet, is_on=True)
    return fired


def switch_off(ctx: Context, rule: str, subjects: Collection[str]) -> None:
    """Arm an alert again for subjects of whom its condition no longer holds."""
    if subjects:
        _switch(ctx, rule, subjects, is_on=False)


def forget(ctx: Context, beginning: str) -> None:
    """Forget the states of all subjects whose name begins alike."""
    like = _ALERT.c.subject.startswith(beginning, autoescape=True)
    ctx.connection.execute(delete(_ALERT).where(_of(ctx), like))


def _firing(ctx: Context, live: LiveRule) -> Any:
    assert isinstance(live.rule, Alert)
    rested = ctx.clock.now() - cool_down(live.rule.cool_down)
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    statement, old = insert(_ALERT), _ALERT.c
    changes = {"is_on": True, "fired_at": statement.excluded.fired_at, "times": old.times + 1}
    may_fire = and_(~old.is_on, or_(old.fired_at.is_(None), old.fired_at <= rested))
    statement = statement.on_conflict_do_update(index_elements=_KEY, set_=changes, where=may_fire)
    return statement.returning(old.subject)


def _switch(ctx: Context, rule: str, subjects: Iterable[str], *, is_on: bool) -> None:
    statement = update(_ALERT).where(_these(ctx, rule, subjects), _ALERT.c.is_on != is_on)
    ctx.connection.execute(statement.values(is_on=is_on))


def _these(ctx: Context, rule: str, subjects: Iterable[str]) -> Any:
    return and_(_of(ctx), _ALERT.c.rule == rule, _ALERT.c.subject.in_(sorted(subjects)))


def _of(ctx: Context) -> Any:
    return _ALERT.c.tenant_id == ctx.tenant.id
