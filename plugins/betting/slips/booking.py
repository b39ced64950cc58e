"""Put a prepared slip on the books of its markets: under their locks, within the limits of exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from uuid import UUID

from pitboss.core.context import Context
from pitboss.plugins.betting.slips import books, limiting
from pitboss.plugins.betting.slips.books import Exposure, Taken
from pitboss.plugins.betting.slips.limiting import EXPOSURE_MAX, Bound, Check
from pitboss.plugins.betting.slips.offered import Offered
from pitboss.plugins.betting.slips.preparing import Prepared, money
from pitboss.plugins.betting.slips.pricing import Priced
from pitboss.plugins.betting.slips.problems import error_of

Added = Mapping[UUID, tuple[Taken, int]]
"""By selection: how its market stands with the slip, and what the selection would return."""


@dataclass(frozen=True, slots=True)
class Booked:
    """How the limits of exposure stand with a slip."""

    checks: Sequence[Check] = ()
    has_moved: bool = False
    """A market was not as it was read: nothing is booked, and the slip must be prepared again."""


class Standing(NamedTuple):
    """What a market would cost now, if a selection is right, and if the market is void."""

    loss: int
    loss_if_void: int

    def without(self, exposure: Exposure) -> Standing:
        """Return it as it was before an exposure was added."""
        return Standing(self.loss - exposure.loss, self.loss_if_void - exposure.loss_if_void)


def book(ctx: Context, prepared: Prepared) -> Booked:
    """Add a slip to the books, or refuse it with the highest stake that they would take.

    What a refusal leaves is undone with the transaction.
    """
    priced = prepared.priced
    assert priced is not None, "a slip with problems is never booked"
    limited = limited_fixtures(prepared.bounds)
    if limited:
        markets = {exposure.market_id for exposure in priced.exposures}
        books.lock_fixtures(ctx.connection, ctx.tenant.id, limited, markets)
    versions = {leg.offered.market_id: leg.offered.odds_version for leg in prepared.legs}
    added = _add(ctx, priced.exposures, versions)
    if added is None:
        return Booked(has_moved=True)
    checks = _checks(ctx, prepared, priced, added)
    problems = limiting.problems_of(checks, partial(money, ctx))
    if problems:
        raise error_of(problems)
    return Booked(checks)


def limited_fixtures(bounds: Sequence[Bound]) -> dict[UUID, Bound]:
    """Return the fixtures whose markets are limited together."""
    return {UUID(b.subject): b for b in bounds if b.measure == EXPOSURE_MAX and b.scope == "fixture"}


def market_bound(bounds: Sequence[Bound], offer: Offered) -> Bound | None:
    """Return the limit that binds the exposure of a selection's market."""
    places = {place for place in offer.places if place[0] != "fixture"}
    return limiting.tightest([b for b in bounds if (b.scope, b.subject) in places], EXPOSURE_MAX)


def outlook(ctx: Context, prepared: Prepared) -> list[Check]:
    """Return how the limits of exposure would stand, without a lock: for a quote."""
    priced = prepared.priced
    if priced is None:
        return []
    offers = {leg.offered.selection_id: leg.offered for leg in prepared.legs}
    checks = []
    for exposure in priced.exposures:
        offer = offers[exposure.selection_id]
        bound = market_bound(prepared.bounds, offer)
        if bound is not None:
            owed = _owed(ctx, offer, exposure, offer.liability)
            standing = Standing(owed - offer.staked, offer.refund - offer.staked)
            checks.append(_check(bound, standing, exposure, priced))
    for fixture_id, bound in limited_fixtures(prepared.bounds).items():
        before = books.fixture_exposure(ctx.connection, ctx.tenant.id, fixture_id)
        checks.append(_fixture_check(bound, before, fixture_id, priced))
    return checks


def _add(ctx: Context, exposures: Sequence[Exposure], versions: Mapping[UUID, int]) -> Added | None:
    """Add to the books, markets first; None when one was not as it was read, and nothing is added."""
    tenant_id, connection = ctx.tenant.id, ctx.connection
    if len(exposures) == 1:
        one = exposures[0]
        found = books.stake_and_carry(connection, tenant_id, one, versions[one.market_id])
        return None if found is None else {one.selection_id: found}
    done: list[Exposure] = []
    taken: dict[UUID, Taken] = {}
    for one in exposures:
        market = books.stake_on(connection, tenant_id, one, versions[one.market_id])
        if market is None:
            _undo(ctx, done)
            return None
        taken[one.market_id] = market
        done.append(one._replace(liability=0))
    added: dict[UUID, tuple[Taken, int]] = {}
    for one in sorted(exposures, key=lambda each: each.selection_id):
        owed = books.carry(connection, tenant_id, one)
        if owed is None:
            _undo(ctx, done)
            return None
        added[one.selection_id] = (taken[one.market_id], owed)
        done.append(one._replace(staked=0, refund=0))
    return added


def _undo(ctx: Context, done: Sequence[Exposure]) -> None:
    books.take_off(ctx.connection, ctx.tenant.id, [[one.entry() for one in done]])


def _checks(ctx: Context, prepared: Prepared, priced: Priced, added: Added) -> list[Check]:
    """Return how the limits of exposure stand with what was added."""
    offers = {leg.offered.selection_id: leg.offered for leg in prepared.legs}
    checks = []
    for exposure in priced.exposures:
        offer, (market, liability) = offers[exposure.selection_id], added[exposure.selection_id]
        bound = market_bound(prepared.bounds, offer)
        if bound is not None:
            owed = _owed(ctx, offer, exposure, liability)
            after = Standing(owed - market.staked, market.refund - market.staked)
            checks.append(_check(bound, after.without(exposure), exposure, priced))
    for fixture_id, bound in limited_fixtures(prepared.bounds).items():
        total = books.fixture_exposure(ctx.connection, ctx.tenant.id, fixture_id)
        before = total - _added_to(fixture_id, priced, priced.exposures)
        checks.append(_fixture_check(bound, before, fixture_id, priced))
    return checks


def _owed(ctx: Context, offer: Offered, exposure: Exposure, liability: int) -> int:
    """Return what a market would return by the worst answers among which the selection is."""
    if offer.winners == 1:
        return liability
    all_owed = books.liabilities(ctx.connection, ctx.tenant.id, exposure.market_id)
    return books.worst_with(all_owed, exposure.selection_id, offer.winners)


def _check(bound: Bound, before: Standing, exposure: Exposure, priced: Priced) -> Check:
    """Return the check that leaves less room: of the selection being right, or the market void."""
    place = priced.exposures.index(exposure)
    if_right = limiting.check_exposure(
        bound,
        before=before.loss,
        added=exposure.loss,
        line_count=priced.line_count,
        grows=lambda stake: priced.exposures_at(stake)[place].loss,
    )
    if_void = limiting.check_exposure(
        bound,
        before=before.loss_if_void,
        added=exposure.loss_if_void,
        line_count=priced.line_count,
        grows=lambda stake: priced.exposures_at(stake)[place].loss_if_void,
    )
    return min(if_right, if_void, key=lambda check: (check.fits, -check.used - check.added))


def _fixture_check(bound: Bound, before: int, fixture_id: UUID, priced: Priced) -> Check:
    return limiting.check_exposure(
        bound,
        before=before,
        added=_added_to(fixture_id, priced, priced.exposures),
        line_count=priced.line_count,
        grows=lambda stake: _added_to(fixture_id, priced, priced.exposures_at(stake)),
    )


def _added_to(fixture_id: UUID, priced: Priced, exposures: Sequence[Exposure]) -> int:
    """Return the most that a slip adds to the exposure of a fixture."""
    fixture_of = {leg.offered.selection_id: leg.offered.fixture_id for leg in priced.legs}
    return sum(
        max(exposure.loss, exposure.loss_if_void)
        for exposure in exposures
        if fixture_of[exposure.selection_id] == fixture_id
    )
