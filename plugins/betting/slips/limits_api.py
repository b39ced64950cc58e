"""Limits over HTTP, for operators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView
from sqlalchemy import Row

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput
from pitboss.core.http import Blueprint, current, requires
from pitboss.plugins.betting.slips import limitbook, showing, storing
from pitboss.plugins.betting.slips.schemas import LimitFilter, LimitSchema, LimitsSchema, Reason, SetLimit

blueprint = Blueprint("betting_limits", __name__, url_prefix="/limits", description="Limits of bets")
ROUTES = Routes(blueprint=blueprint)


@blueprint.route("")
class Limits(MethodView):
    @requires("betting.read")
    @blueprint.arguments(LimitFilter(), location="query")
    @blueprint.response(200, LimitsSchema())
    def get(self, asked: dict[str, str]) -> dict[str, Any]:
        """List limits; those of the settings are not among them."""
        ctx = current()
        return {"items": [shown(ctx, row) for row in limitbook.every(ctx, **asked)]}

    @requires("betting.limits")
    @blueprint.arguments(SetLimit())
    @blueprint.response(200, LimitSchema())
    def put(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Set a limit; the tightest of all that apply binds."""
        ctx = current()
        amount = sent.pop("amount")
        if amount.currency != ctx.tenant.currency:
            unit = ctx.tenant.currency
            raise InvalidInput(
                f"the limit is in {amount.currency}, and bets are taken in {unit}: give it in {unit}",
                {"amount": {"currency": ["Not the currency of the bets."]}},
            )
        return shown(ctx, limitbook.put(ctx, amount=amount.minor, **sent))


@blueprint.route("/<uuid:limit_id>")
class Limit(MethodView):
    @requires("betting.limits")
    @blueprint.arguments(Reason(), location="query")
    @blueprint.response(204)
    def delete(self, sent: dict[str, str], limit_id: UUID) -> None:
        """Take a limit away."""
        limitbook.remove(current(), limit_id, reason=sent["reason"])


def shown(ctx: Context, row: Row[Any]) -> dict[str, Any]:
    """Return a limit as the API shows it."""
    return storing.plain(row) | {"amount": showing.total(ctx, row.amount, ctx.tenant.currency)}
