"""Prepare a slip: read what is offered, judge its legs, reckon its lines, and look up its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.betting.slips import (
    agreed,
    building,
    freebets,
    judging,
    limitbook,
    limiting,
    offered,
    pricing,
    shaping,
)
from pitboss.plugins.betting.slips.asked import AskedQuote, PricePolicy
from pitboss.plugins.betting.slips.judging import Ages, StruckLeg
from pitboss.plugins.betting.slips.limiting import Bound, Check
from pitboss.plugins.betting.slips.pricing import Priced
from pitboss.plugins.betting.slips.problems import Problem, error_of
from pitboss.plugins.betting.slips.shaping import Shape

PLATFORM_MEASURES = (limiting.STAKE_MIN, limiting.STAKE_MAX, limiting.PAYOUT_MAX, limiting.EXPOSURE_MAX)
"""The limits that the settings of a tenant give where no other is set for the platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A slip as it can be taken now, or what keeps it from that."""

    player_id: UUID
    shape: Shape
    policy: PricePolicy
    offered: Mapping[UUID, offered.Offered]
    legs: Sequence[StruckLeg] = ()
    priced: Priced | None = None
    bounds: Sequence[Bound] = ()
    checks: Sequence[Check] = ()
    problems: Sequence[Problem] = ()
    free_bet: freebets.Usable | None = None

    @property
    def is_in_play(self) -> bool:
        """Tell whether any leg is being played."""
        return any(leg.offered.is_in_play for leg in self.legs)


def prepare(ctx: Context, asked: AskedQuote, player_id: UUID) -> Prepared:
    """Return a slip with all its problems; one that is wrong in itself is refused."""
    settings = ctx.settings("betting")
    shape = shaping.shape(asked, legs_max=settings["legs_max"], currency=ctx.tenant.currency)
    stake = _stake(ctx, asked)
    ids = [leg.selection_id for leg in asked.legs]
    found, limits = offered.read_limited(ctx.connection, ctx.tenant.id, ids, player_id)
    policy: PricePolicy = asked.price_policy or settings["price_policy"]
    legs, problems = judging.strike(
        asked.legs,
        found,
        now=ctx.clock.now(),
        policy=policy,
        ages=Ages(settings["price_age_seconds_max"], settings["live_price_age_seconds_max"]),
        is_builder=shape.kind == "builder",
    )
    legs, unscored = agreed.scored(ctx, legs)
    problems += unscored
    prepared = Prepared(player_id=player_id, shape=shape, policy=policy, offered=found, problems=problems)
    invalid = [problem for problem in problems if problem.nature == "invalid"]
    if invalid:
        raise error_of(invalid)
    if problems:
        return replace(prepared, legs=legs)
    bounds = bounds_of(ctx, limits, legs, player_id)
    return _reckoned(ctx, asked, replace(prepared, legs=legs, bounds=bounds), stake)


def money(ctx: Context, minor: int) -> str:
    """Write minor units of the tenant's currency for a person."""
    unit = ctx.tenant.currency
    return f"{ctx.tenant.currencies.text(Money(minor, unit))} {unit}"


def bounds_of(
    ctx: Context, limits: Sequence[Bound], legs: Sequence[StruckLeg], player_id: UUID
) -> list[Bound]:
    """Return the limits that bind a bet with these legs, of those that were read."""
    settings = ctx.settings("betting")
    places = {place for leg in legs for place in leg.offered.places} | {("player", str(player_id))}
    return limiting.applying(limits, places, defaults={name: settings[name] for name in PLATFORM_MEASURES})


def day_used(ctx: Context, player_id: UUID) -> int:
    """Return what a player staked since midnight, in the tenant's time zone."""
    since = day_start(ctx)
    return limitbook.staked_since(ctx.connection, ctx.tenant.id, player_id, since)


def day_start(ctx: Context) -> datetime:
    """Return when the present day of the tenant began."""
    local = ctx.clock.now().astimezone(ctx.tenant.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _reckoned(ctx: Context, asked: AskedQuote, prepared: Prepared, stake: int) -> Prepared:
    free = None
    if asked.free_bet_id is not None:
        free = freebets.usable(ctx, prepared.player_id, asked.free_bet_id)
    builder_odds = building.price(ctx, prepared.legs) if prepared.shape.kind == "builder" else None
    priced = pricing.price(
        prepared.shape,
        prepared.legs,
        stake=stake,
        is_free=free is not None,
        rules=agreed.rules_of(ctx, [prepared.legs[0].offered.rules_id]).popitem()[1],
        terms=agreed.place_terms(ctx, prepared.legs) if prepared.shape.is_each_way else {},
        builder_odds=builder_odds,
    )
    bounds = prepared.bounds
    checks = limiting.check_payout(
        bounds, potential=priced.potential, line_count=priced.line_count, grows=priced.potential_at
    )
    if free is None:
        checks = limiting.check_stake(bounds, stake=priced.stake, line_count=priced.line_count) + checks
    problems = limiting.problems_of(checks, partial(money, ctx))
    if free is not None:
        problems += freebets.misfits(free, priced, prepared.legs, partial(money, ctx))
    return replace(prepared, priced=priced, checks=checks, problems=problems, free_bet=free)


def _stake(ctx: Context, asked: AskedQuote) -> int:
    said = asked.stake
    try:
        minor = ctx.tenant.currencies.parse(said.amount, said.currency).minor
    except InvalidInput as error:
        raise error_of([Problem("stake", "stake/amount", str(error), "invalid")]) from error
    if minor <= 0:
        message = marked(f"a stake of {said.amount} {said.currency} is nothing: stake more than 0")
        raise error_of([Problem("stake", "stake/amount", message, "invalid")])
    return minor
