"""Where providers call back: no caller is known here but by the signature, which the provider checks."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import request
from flask.views import MethodView

from pitboss.core.contracts import Routes
from pitboss.core.errors import NotFound
from pitboss.core.http import Blueprint, current, public
from pitboss.plugins.payments import ports, receiving

blueprint = Blueprint("payments_callbacks", __name__, url_prefix="", description="Callbacks of providers")
ROUTES = Routes(blueprint=blueprint)


class CallbackTakenSchema(ma.Schema):
    """What became of the news."""

    applied = ma.fields.Int(required=True)
    late = ma.fields.Int(required=True, metadata={"description": "Known already, or overtaken."})
    unmatched = ma.fields.Int(required=True)
    attention = ma.fields.Int(required=True)


@blueprint.route("/callbacks/<tenant_code>/<provider>")
class Callbacks(MethodView):
    @public
    @blueprint.response(200, CallbackTakenSchema())
    def post(self, tenant_code: str, provider: str) -> dict[str, Any]:  # noqa: ARG002 - the gate reads the tenant
        """Take what a provider tells of, once its signature was checked"""
        ctx = current()
        if provider not in {config["name"] for config in ports.providers(ctx)}:
            raise NotFound(f"no provider {provider!r}")
        # A plain mapping by the names that the provider documents, whatever case they came in.
        headers = {name.title(): value for name, value in request.headers.items()}
        received = receiving.callback(ctx, provider, headers, request.get_data())
        return {name: received.count(name) for name in ("applied", "late", "unmatched", "attention")}
