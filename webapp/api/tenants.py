"""Tenants of the deployment, for the operators of the platform."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, Range

from pitboss.core import audit
from pitboss.core.countries import check_country
from pitboss.core.errors import InvalidInput
from pitboss.core.http import Blueprint, check_match, commits_alone, current, platform_only, send_etag
from pitboss.core.tenancy import Tenant, TenantFile
from pitboss.core.tenancy.files import problems_of

blueprint = Blueprint("tenants", __name__, url_prefix="/tenants", description="Brands of this deployment")

NAME_CHARACTERS_MAX = 200


class TenantChangeSchema(ma.Schema):
    """What describes a tenant."""

    name = ma.fields.Str(validate=Length(min=1, max=NAME_CHARACTERS_MAX))
    country = ma.fields.Str(validate=check_country, metadata={"example": "GB"})
    currency = ma.fields.Str(validate=Length(max=8), metadata={"example": "EUR"})
    locale = ma.fields.Str(validate=Length(min=2, max=10), metadata={"example": "en"})
    time_zone = ma.fields.Str(validate=Length(max=64), metadata={"example": "Europe/London"})
    rounding = ma.fields.Str(validate=Length(max=20), metadata={"example": "half_up"})


class NewTenantSchema(TenantChangeSchema):
    """A tenant to create."""

    code = ma.fields.Str(required=True, validate=Length(min=3, max=40))
    name = ma.fields.Str(required=True, validate=Length(min=1, max=NAME_CHARACTERS_MAX))
    currencies = ma.fields.Dict(
        keys=ma.fields.Str(validate=Length(min=3, max=8)),
        values=ma.fields.Int(strict=True, validate=Range(min=0, max=6)),
        metadata={"description": "Decimal places of units of its own, by code."},
    )


class TenantSchema(ma.Schema):
    """A brand."""

    id = ma.fields.Int(required=True)
    code = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    country = ma.fields.Str(required=True)
    currency = ma.fields.Str(required=True)
    locale = ma.fields.Str(required=True)
    time_zone = ma.fields.Str(required=True)
    rounding = ma.fields.Str(required=True)
    plugins = ma.fields.List(ma.fields.Str(), required=True)


@blueprint.route("")
class Tenants(MethodView):
    @platform_only("core.tenants")
    @blueprint.response(200, TenantSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List the tenants."""
        return [_described(tenant) for tenant in current().kernel.tenants.all()]

    @platform_only("core.tenants")
    @commits_alone
    @blueprint.arguments(NewTenantSchema())
    @blueprint.response(201, TenantSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Create a tenant, without any plugin yet; its code makes a repeated call a conflict."""
        context = current()
        described = _checked(TenantFile(**sent))
        tenant = context.kernel.tenants.create(described)
        with context.kernel.context(tenant.id, context.actor, request_id=context.request_id) as own:
            audit.record(own, "tenant.created", f"tenant:{tenant.code}", new=sent)
        return _described(tenant)


@blueprint.route("/<code>")
class OneTenant(MethodView):
    @platform_only("core.tenants")
    @blueprint.response(200, TenantSchema())
    def get(self, code: str) -> dict[str, Any]:
        """Show one tenant, with its ETag."""
        found = _described(current().kernel.tenants.by_code(code))
        send_etag(found)
        return found

    @platform_only("core.tenants")
    @commits_alone
    @blueprint.arguments(TenantChangeSchema())
    @blueprint.response(200, TenantSchema())
    def patch(self, sent: dict[str, Any], code: str) -> dict[str, Any]:
        """Change what describes a tenant; If-Match must name what was read."""
        context = current()
        tenants = context.kernel.tenants
        before = tenants.by_code(code)
        old = _described(before)
        check_match(old)
        # The file's hash stays, so that the next start does not undo this.
        unchanged = replace(_as_file(before), hash=tenants.file_hash(before.id) or "")
        described = _checked(replace(unchanged, **sent))
        with context.kernel.context(before.id, context.actor, request_id=context.request_id) as own:
            tenants.describe(own.connection, before.id, described)
            changed = {key: old[key] for key in sent}
            audit.record(own, "tenant.described", f"tenant:{code}", old=changed, new=sent)
        tenants.forget(before.id)
        found = _described(tenants.by_code(code))
        send_etag(found)
        return found


def _checked(described: TenantFile) -> TenantFile:
    found = problems_of(described)
    if found:
        split = [problem.partition(": ") for problem in found]
        raise InvalidInput(found[0], {field: [message] for field, _, message in split})
    return described


def _as_file(tenant: Tenant) -> TenantFile:
    return TenantFile(
        code=tenant.code,
        name=tenant.name,
        country=tenant.country,
        currency=tenant.currency,
        locale=tenant.locale,
        time_zone=tenant.zone.key,
        rounding=tenant.rounding,
        currencies=dict(tenant.currencies.extra),
    )


def _described(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.id,
        "code": tenant.code,
        "name": tenant.name,
        "country": tenant.country,
        "currency": tenant.currency,
        "locale": tenant.locale,
        "time_zone": tenant.zone.key,
        "rounding": tenant.rounding,
        "plugins": sorted(tenant.enabled),
    }
