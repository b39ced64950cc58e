"""Some of the rows in which a rule fired, each with why and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.texts import in_each
from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.insight.explain import explain
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.program import Program
from pitboss.rules.replay.history import AT, ID, PLAYER
from pitboss.rules.replay.limits import OUTCOMES, Limited
from pitboss.rules.replay.replay import Replayed
from pitboss.rules.replay.trial import EVENT
from pitboss.rules.runtime.facts import known_now
from pitboss.rules.runtime.tables import JudgementRow

_JUDGEMENT = JudgementRow.__table__


def explained(
    ctx: Context,
    done: Replayed,
    matches: pl.DataFrame,
    limited: Limited,
    amount: Array,
    text: Callable[[float], str],
) -> list[dict[str, Any]]:
    """Return matches from all of the time, as evenly as can be."""
    places = _places(matches.height, done.asked.sample)
    rows = matches[places].rows(named=True)
    known = _facts(ctx, done, rows)
    found = []
    for place, row in zip(places, rows, strict=True):
        program = done.programs[row[EVENT]]
        facts = {n: v for n, v in known.get(row[ID], {}).items() if n in program.catalogue.variables}
        found.append(
            {
                "event_id": row[ID] if row[EVENT] else None,
                "event": row[EVENT] or None,
                "player_id": row[PLAYER],
                "at": datetime.fromtimestamp(row[AT], UTC).isoformat(),
                "outcome": str(OUTCOMES[limited.codes[place]]),
                "amount": text(int(amount[place])),
                "explanation": in_each(partial(_why, program, facts)),
            }
        )
    return found


def _why(program: Program, facts: Mapping[str, Any]) -> Any:
    return as_json(explain(program, facts))


def _places(matches: int, wanted: int) -> Array:
    """Return which matches are explained: some of all of the time, as evenly as can be."""
    if not matches or not wanted:
        return np.zeros(0, np.int64)
    places: Array = np.unique(np.linspace(0, matches - 1, min(wanted, matches)).round().astype(np.int64))
    return places


def _facts(ctx: Context, done: Replayed, rows: list[dict[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    if done.asked.over == "players":
        words = done.programs[""].catalogue
        return {row[ID]: known_now(ctx, UUID(row[ID]), words) for row in rows}
    query = select(_JUDGEMENT.c.id, _JUDGEMENT.c.facts).where(
        _JUDGEMENT.c.tenant_id == ctx.tenant.id, _JUDGEMENT.c.id.in_([UUID(row[ID]) for row in rows])
    )
    return {str(row.id): row.facts for row in ctx.connection.execute(query)}
