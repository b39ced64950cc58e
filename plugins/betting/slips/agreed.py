"""What a bet is struck under: settlement rules, place terms, and the score that a handicap counts from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import rulebook
from pitboss.plugins.betting.markets.catalogue import template_of
from pitboss.plugins.betting.markets.reading import live_of
from pitboss.plugins.betting.markets.tables import Selection
from pitboss.plugins.betting.settling import eachway
from pitboss.plugins.betting.settling.eachway import PlaceTerms
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.slips.judging import StruckLeg
from pitboss.plugins.betting.slips.offered import Offered
from pitboss.plugins.betting.slips.problems import Problem, error_of

START = "0-0"
KEPT_MAX = 2_000
"""Versions of rules that a process keeps: they never change."""

_SELECTION = Selection.__table__
_kept: dict[tuple[int, UUID], Rules] = {}


def rules_of(ctx: Context, rules_ids: Iterable[UUID]) -> dict[UUID, Rules]:
    """Return settlement rules by their id; a version is read once a process."""
    wanted = set(rules_ids)
    missing = [id_ for id_ in wanted if (ctx.tenant.id, id_) not in _kept]
    if missing:
        if len(_kept) >= KEPT_MAX:
            _kept.clear()
        for id_, version in rulebook.rules_by_id(ctx, missing).items():
            _kept[ctx.tenant.id, id_] = version.rules
    return {id_: _kept[ctx.tenant.id, id_] for id_ in wanted}


def scored(
    ctx: Context, legs: Sequence[StruckLeg], before: Sequence[str] = ()
) -> tuple[list[StruckLeg], list[Problem]]:
    """Return legs with the score that their handicaps count from, and what keeps them from being taken.

    Of a bet that waited say what it counted from before: with another score it would be another bet.
    """
    found, problems = [], []
    for place, leg in enumerate(legs):
        score = score_now(ctx, leg.offered)
        if score is None:
            problems.append(_no_score(leg))
        elif before and before[place] != score:
            message = marked(
                f"{leg.offered.name} counted from {before[place]}, it is {score} now: place it again"
            )
            problems.append(Problem("score_changed", f"legs/{leg.number}/selection_id", message))
        found.append(replace(leg, score_from=score or ""))
    return found, problems


def score_now(ctx: Context, offer: Offered) -> str | None:
    """Return the score that a bet on a selection would count from; empty: the start, None: not known."""
    if not offer.is_in_play or not template_of(ctx, offer.template).counts_from_bet:
        return ""
    standing = live_of(ctx, offer.fixture_id)
    if standing is None or standing["is_stalled"] or not standing["score"]:
        return None
    score = standing["score"]
    return f"{score['home']}-{score['away']}"


def _no_score(leg: StruckLeg) -> Problem:
    message = marked(f"{leg.offered.name} counts from the score, which is not known now: wait for the feed")
    return Problem("score_unknown", f"legs/{leg.number}/selection_id", message)


def place_terms(ctx: Context, legs: Sequence[StruckLeg]) -> dict[UUID, PlaceTerms | None]:
    """Return by selection the terms that each-way legs are struck at."""
    for leg in legs:
        template = template_of(ctx, leg.offered.template)
        if not template.takes_each_way:
            message = marked(
                f"{leg.offered.name} has no places: each way is for the winner of a race or field"
            )
            raise error_of([Problem("each_way", f"legs/{leg.number}/selection_id", message, "invalid")])
    rules = rules_of(ctx, {leg.offered.rules_id for leg in legs})
    runners = _runners(ctx, {leg.offered.market_id for leg in legs})
    return {leg.offered.selection_id: _terms(leg, rules, runners) for leg in legs}


def _terms(leg: StruckLeg, rules: dict[UUID, Rules], runners: dict[UUID, int]) -> PlaceTerms | None:
    binding = rules[leg.offered.rules_id]
    count = runners.get(leg.offered.market_id, 0)
    try:
        terms = eachway.place_terms(count, is_handicap=False, table=binding.place_table)
        return eachway.agreed_terms(terms, binding.win_only)
    except InvalidInput as error:
        raise error_of(
            [Problem("each_way", f"legs/{leg.number}/selection_id", str(error), "invalid")]
        ) from error


def _runners(ctx: Context, market_ids: set[UUID]) -> dict[UUID, int]:
    query = (
        select(_SELECTION.c.market_id, func.count())
        .where(
            _SELECTION.c.tenant_id == ctx.tenant.id,
            _SELECTION.c.market_id.in_(market_ids),
            _SELECTION.c.status == "active",
        )
        .group_by(_SELECTION.c.market_id)
    )
    return {row[0]: row[1] for row in ctx.connection.execute(query)}
