"""Answer the markets of a fixture: grade its result, compare with what was answered, and write it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.markets import catalogue, rulebook, states
from pitboss.plugins.betting.markets import reading as markets
from pitboss.plugins.betting.settling.asking import ask_from
from pitboss.plugins.betting.settling.comparing import (
    UNDECIDED,
    Difference,
    Outcomes,
    difference,
    unless_final,
)
from pitboss.plugins.betting.settling.deciding import Answer
from pitboss.plugins.betting.settling.reading import LEG, MARKET, RESULT, SELECTION, answers

ANSWERED = ("open", "suspended", "closed", "settled")
"""A market that is void stays so, and a draft has no bets."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A market with its answer so far and that of a result."""

    market: Row[Any]
    before: Answer | None
    outcomes: Outcomes
    problem: str = ""
    """Why the result does not answer it."""

    @property
    def old(self) -> Outcomes:
        """Return what was answered so far."""
        return UNDECIDED if self.before is None else self.before.outcomes

    @property
    def difference(self) -> Difference:
        """Return what the result changes."""
        return difference(self.old, self.outcomes)


def close(ctx: Context, fixture_id: UUID) -> None:
    """Close the markets of a fixture: bets that are being placed come first or are refused."""
    for book in markets.of_fixtures(ctx, [fixture_id], statuses=states.LIVE, is_locked=True):
        states.close(ctx, book)


def grade(ctx: Context, fixture_id: UUID, outcome: Mapping[str, Any]) -> list[Graded]:
    """Return what a structured result comes to for each market of a fixture, without writing it."""
    query = select(MARKET).where(
        MARKET.c.tenant_id == ctx.tenant.id,
        MARKET.c.fixture_id == fixture_id,
        MARKET.c.status.in_(ANSWERED),
    )
    markets = ctx.connection.execute(query.order_by(MARKET.c.id)).all()
    ids = [market.id for market in markets]
    known, in_use, selections = answers(ctx, ids), rules_in_use(ctx, markets), selections_of(ctx, ids)
    scores = scores_in_use(ctx, ids)
    versions = rulebook.rules_by_id(ctx, {rules_id for used in in_use.values() for rules_id in used})
    return [
        _grade(
            ctx,
            market,
            known.get(market.id),
            selections[market.id],
            outcome,
            {rules_id: versions[rules_id] for rules_id in in_use[market.id]},
            scores[market.id],
        )
        for market in markets
    ]


def write(
    ctx: Context, market_id: UUID, outcomes: Outcomes, *, result_version: int, source: Mapping[str, Any]
) -> int:
    """Write an answer on top of those that a market has; return its version."""
    known = answers(ctx, [market_id]).get(market_id)
    version = 1 if known is None else known.version + 1
    ctx.connection.execute(
        insert(RESULT),
        {
            "tenant_id": ctx.tenant.id,
            "market_id": market_id,
            "version": version,
            "result_version": result_version,
            "outcomes": outcomes,
            "source": dict(source),
            "actor": ctx.actor.label,
            "at": ctx.clock.now(),
        },
    )
    return version


def mark(ctx: Context, market_ids: Sequence[UUID], *, status: str, result_version: int) -> None:
    """Let markets be known as settled or void."""
    if market_ids:
        ctx.connection.execute(
            update(MARKET)
            .where(MARKET.c.tenant_id == ctx.tenant.id, MARKET.c.id.in_(market_ids))
            .values(status=status, result_version=result_version)
        )


def rules_in_use(ctx: Context, markets: Iterable[Any]) -> dict[UUID, set[UUID]]:
    """Return under which settlement rules each market has bets, or would take them now."""
    found = {market.id: {market.rules_id} for market in markets}
    query = (
        select(LEG.c.market_id, LEG.c.rules_id)
        .where(LEG.c.tenant_id == ctx.tenant.id, LEG.c.market_id.in_(list(found)))
        .distinct()
    )
    for row in ctx.connection.execute(query):
        found[row.market_id].add(row.rules_id)
    return found


def scores_in_use(ctx: Context, market_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """Return from which scores the bets of each market count that do not count from the start."""
    found: dict[UUID, set[str]] = {market_id: set() for market_id in market_ids}
    query = (
        select(LEG.c.market_id, LEG.c.score_from)
        .where(LEG.c.tenant_id == ctx.tenant.id, LEG.c.market_id.in_(market_ids), LEG.c.score_from != "")
        .distinct()
    )
    for row in ctx.connection.execute(query):
        found[row.market_id].add(row.score_from)
    return found


def selections_of(ctx: Context, market_ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    """Return the selections of markets."""
    found: dict[UUID, list[Row[Any]]] = {market_id: [] for market_id in market_ids}
    query = select(SELECTION).where(
        SELECTION.c.tenant_id == ctx.tenant.id, SELECTION.c.market_id.in_(market_ids)
    )
    for row in ctx.connection.execute(query.order_by(SELECTION.c.position)):
        found[row.market_id].append(row)
    return found


def _grade(
    ctx: Context,
    market: Row[Any],
    before: Answer | None,
    selections: Sequence[Row[Any]],
    outcome: Mapping[str, Any],
    versions: Mapping[UUID, rulebook.RulesVersion],
    scores: Iterable[str],
) -> Graded:
    try:
        template = catalogue.template_of(ctx, market.template)
        found = {
            str(rules_id): ask_from(
                template,
                selections,
                outcome,
                versions[rules_id].rules,
                scores,
                period=market.period,
                line=market.line,
            )
            for rules_id in sorted(versions)
        }
    except InvalidInput as error:
        # One market that this result says nothing of must not hold up the others.
        return Graded(market, before, UNDECIDED, str(error))
    return Graded(market, before, unless_final(UNDECIDED if before is None else before.outcomes, found))
