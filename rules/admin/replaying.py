"""The latest judgements, judged again by a reward that is being written and by the one that is live."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.rules.book import store
from pitboss.rules.book.live import book_of
from pitboss.rules.engine.rule import Reward
from pitboss.rules.replay.asked import Asked
from pitboss.rules.replay.history import AT
from pitboss.rules.replay.limits import apply_limits, days_of
from pitboss.rules.replay.replay import Replayed, replay
from pitboss.rules.replay.trial import Trial, amounts_of
from pitboss.rules.runtime.tables import JudgementRow, Outcome

DAYS_MAX = 90
ROWS_MAX = 5_000
"""So many of the latest judgements of each event are replayed while somebody types."""

_JUDGEMENT = JudgementRow.__table__


def replayed(ctx: Context, rule: Reward) -> dict[str, Any]:
    """Return by day how often a reward and its live version fire, and what they pay."""
    until = ctx.clock.now() + timedelta(seconds=1)  # what is judged at this moment is in it
    from_, is_cut = _since(ctx, rule, until - timedelta(days=DAYS_MAX))
    live = book_of(ctx).rules.get(rule.key)
    before = live.rule if live is not None and isinstance(live.rule, Reward) else None
    asked = Asked(
        key=rule.key,
        number=_next_number(ctx, rule.key),
        rule=rule,
        against=live.version if live is not None and before is not None else None,
        before=before,
        from_=from_,
        until=until,
        sample=0,
        with_overlap=False,
        is_scheduled=False,
    )
    done = replay(ctx, asked)
    return {
        "from": from_.isoformat(),
        "until": until.isoformat(),
        "is_cut": is_cut,
        "rows": sum(done.rows.values()),
        "days": [_day(n) for n in _ordinals(ctx, asked)],
        "draft": _series(ctx, done, done.now),
        "live": None if done.before is None else _series(ctx, done, done.before),
        "change": _change(done),
    }


def _next_number(ctx: Context, key: str) -> int:
    stored = store.look_up(ctx, key)
    return 1 if stored is None else stored.head + 1


def _since(ctx: Context, rule: Reward, earliest: datetime) -> tuple[datetime, bool]:
    """Return from when on there are few enough judgements to be quick, and whether that is later."""
    starts = [earliest]
    for event in rule.on:
        newest = (
            select(_JUDGEMENT.c.at)
            .where(
                _JUDGEMENT.c.tenant_id == ctx.tenant.id,
                _JUDGEMENT.c.event == event,
                _JUDGEMENT.c.at >= earliest,
            )
            .order_by(_JUDGEMENT.c.at.desc())
            .offset(ROWS_MAX)
            .limit(1)
        )
        starts += ctx.connection.scalars(newest).all()
    return max(starts), max(starts) > earliest


def _ordinals(ctx: Context, asked: Asked) -> range:
    zone = ctx.tenant.zone
    last = asked.until.astimezone(zone).toordinal()
    return range(asked.from_.astimezone(zone).toordinal(), last + 1)


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _series(ctx: Context, done: Replayed, trial: Trial) -> dict[str, Any]:
    """Return hits and cost by day, after the rule's own limits."""
    unit = trial.units[0] if trial.units else ctx.tenant.currency
    matches = trial.matches()
    limited = apply_limits(matches, trial.rule, ctx.tenant.zone, ctx.tenant.currencies.places(unit))
    is_done = limited.is_(Outcome.DONE)
    amounts = amounts_of(matches, trial.units).get(unit)
    paid = np.zeros(matches.height, np.int64) if amounts is None else np.where(is_done, amounts, 0)
    days = _ordinals(ctx, done.asked)
    place = days_of(matches[AT].to_numpy(), ctx.tenant.zone) - days.start
    hits = np.bincount(place[is_done], minlength=len(days))
    cost = np.bincount(place, weights=paid, minlength=len(days))
    scale = 10 ** ctx.tenant.currencies.places(unit)
    return {
        "version": trial.number,
        "unit": unit,
        "hits": hits.tolist(),
        "cost": (cost / scale).tolist(),
        "times": int(is_done.sum()),
        "matches": matches.height,
        "players": matches.filter(is_done)["player"].drop_nulls().n_unique(),
        "paid": ctx.tenant.currencies.text(Money(int(paid.sum()), unit)),
        "outcomes": limited.counts(),
    }


def _change(done: Replayed) -> dict[str, int] | None:
    if done.before is None:
        return None
    compared = done.compared
    return {"gained": compared.gained, "lost": compared.lost, "changed": compared.changed}
