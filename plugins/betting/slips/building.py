"""Price bet builders: from the joint model of the match, which a trader or a model has given."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting import builder
from pitboss.plugins.betting.builder import Pick
from pitboss.plugins.betting.markets.catalogue import template_of
from pitboss.plugins.betting.slips.judging import StruckLeg
from pitboss.plugins.betting.slips.offered import Offered
from pitboss.plugins.betting.slips.problems import Problem, error_of
from pitboss.plugins.betting.slips.tables import JointModel

BOOK_SUM_DEFAULT = Decimal("1.10")

_MODEL = JointModel.__table__
_NEWEST = (
    select(_MODEL)
    .where(_MODEL.c.tenant_id == bindparam("tenant"), _MODEL.c.fixture_id == bindparam("fixture"))
    .order_by(_MODEL.c.version.desc())
    .limit(1)
)


def price(ctx: Context, legs: Sequence[StruckLeg]) -> Decimal:
    """Return the one price of legs that depend on each other."""
    return price_of(ctx, [leg.offered for leg in legs])


def price_of(ctx: Context, offers: Sequence[Offered]) -> Decimal:
    """Return the one price of selections of one match, or refuse them."""
    fixtures = {offer.fixture_id for offer in offers}
    if len(fixtures) > 1:
        raise _refused(
            f"a bet builder is of one match, and these legs are of {len(fixtures)}: make it a multiple"
        )
    model = newest(ctx, fixtures.pop())
    if model is None:
        raise _refused(f"{offers[0].fixture_name} has no joint model: place its legs as singles")
    try:
        picks = [_pick(ctx, offer) for offer in offers]
        grid = builder.grid_of([[Decimal(cell) for cell in row] for row in model.grid])
        return builder.build(grid, picks, book_sum=model.book_sum).odds
    except InvalidInput as error:
        raise _refused(str(error)) from error


def newest(ctx: Context, fixture_id: UUID) -> Row[Any] | None:
    """Return the joint model of a match that counts now."""
    return ctx.connection.execute(_NEWEST, {"tenant": ctx.tenant.id, "fixture": fixture_id}).first()


def set_model(
    ctx: Context, fixture_id: UUID, *, grid: Sequence[Sequence[Decimal]], book_sum: Decimal, source: str
) -> Row[Any]:
    """Give a match a joint model; bets that were struck keep their price."""
    builder.grid_of(grid)
    known = newest(ctx, fixture_id)
    row = {
        "tenant_id": ctx.tenant.id,
        "fixture_id": fixture_id,
        "version": 1 if known is None else known.version + 1,
        "grid": [[format(cell, "f") for cell in cells] for cells in grid],
        "book_sum": book_sum,
        "source": source,
        "made_by": ctx.actor.label,
        "at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(_MODEL), row)
    said = {"version": row["version"], "source": source, "book_sum": str(book_sum)}
    audit.record(ctx, "betting.joint_model_set", f"fixture:{fixture_id}", new=said)
    written = newest(ctx, fixture_id)
    assert written is not None, "it was written just now"
    return written


def _pick(ctx: Context, offer: Offered) -> Pick:
    template = template_of(ctx, offer.template)
    question = template.question(offer.line)
    line = None if question.line == "none" else Decimal(offer.line)
    return Pick(template=question, selection=template.asked(offer.code), line=line)


def _refused(message: str) -> Exception:
    return error_of([Problem("builder", "legs", message, "invalid")])
