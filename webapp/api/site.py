"""What an app in front of bettors needs to know of the tenant that it is for."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from pitboss.core.http import Blueprint, current, public

blueprint = Blueprint("site", __name__, url_prefix="/site", description="The tenant, for apps of players")


class SiteSchema(ma.Schema):
    """A tenant as its players see it."""

    code = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    country = ma.fields.Str(required=True)
    currency = ma.fields.Str(required=True)
    currency_places = ma.fields.Int(required=True, metadata={"description": "Decimals of its amounts."})
    locale = ma.fields.Str(required=True)
    time_zone = ma.fields.Str(required=True)
    plugins = ma.fields.List(
        ma.fields.Str(),
        required=True,
        metadata={"description": "What is switched on: the paths of all other plugins answer 404."},
    )


@blueprint.route("")
class Site(MethodView):
    @public
    @blueprint.response(200, SiteSchema())
    def get(self) -> dict[str, Any]:
        """Show the name, currency and features of a tenant, before anybody signs in."""
        ctx = current()
        tenant = ctx.tenant
        return {
            "code": tenant.code,
            "name": tenant.name,
            "country": tenant.country,
            "currency": tenant.currency,
            "currency_places": tenant.currencies.places(tenant.currency),
            "locale": tenant.locale,
            "time_zone": tenant.zone.key,
            "plugins": sorted(ctx.view.enabled - {"core"}),
        }
