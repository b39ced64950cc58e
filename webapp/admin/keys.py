"""API keys of integrations: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.errors import InvalidInput, PitbossError
from pitboss.core.http import answers_secret, current, requires
from pitboss.core.identity import keys as service
from pitboss.core.texts import gettext as _
from pitboss.webapp.admin.audit import day
from pitboss.webapp.admin.confirm import confirmed
from pitboss.webapp.admin.operators import permission_groups
from pitboss.webapp.admin.shell import done, failed, page, pages, text_of


@pages.get("/api-keys")
@requires("core.api_keys")
def api_keys() -> Response:
    """List the tenant's keys."""
    ctx = current()
    return page("api_keys", keys=service.list_keys(ctx), groups=permission_groups(), now=ctx.clock.now())


@pages.post("/api-keys")
@requires("core.api_keys")
@answers_secret
@confirmed
def create_api_key() -> Response:
    """Make a key and show its secret, this once."""
    ctx = current()
    until = day(text_of("until"), ctx.tenant.zone)
    try:
        made = service.create_key(
            ctx,
            _name(),
            permissions=request.form.getlist("permissions"),
            requests_per_minute=_limit(),
            expires_at=until + timedelta(days=1) if until else None,
        )
    except PitbossError as error:
        return failed(str(error), "admin.api_keys")
    return page("api_key", key=made.key, secret=made.secret)


@pages.post("/api-keys/<uuid:key_id>/revoke")
@requires("core.api_keys")
def revoke_api_key(key_id: UUID) -> Response:
    """End a key, at once."""
    key = service.revoke_key(current(), key_id)
    return done(
        _("The key %(name)s is revoked: requests with it are refused.", name=key.name), "admin.api_keys"
    )


def _name() -> str:
    name = text_of("name")
    if not name:
        raise InvalidInput(_("name: give the key a name that says what uses it"))
    return name


def _limit() -> int | None:
    text = text_of("requests_per_minute")
    if not text:
        return None
    if not text.isdecimal():
        raise InvalidInput(_("requests a minute: %(text)s is no whole number", text=repr(text)))
    return int(text)
