"""Tenants: where an operator of the platform chooses whom to work for, and opens a new brand."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from pitboss.core import audit
from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.http import current, platform_only
from pitboss.core.money import CURRENCIES, ROUNDING_RULES
from pitboss.core.tenancy import TenantFile
from pitboss.core.texts import gettext as _
from pitboss.webapp import cookies
from pitboss.webapp.admin.session import at_home
from pitboss.webapp.admin.shell import done, failed, page, pages, text_of

SHOWN_MAX = 200
"""Beyond these the search narrows the list."""


@pages.get("/tenants")
@platform_only()
def tenants() -> Response:
    """List the tenants of this deployment."""
    search = request.args.get("q", "").strip().lower()
    found = [t for t in current().kernel.tenants.all() if search in f"{t.code} {t.name}".lower()]
    return page(
        "tenants",
        tenants=found[:SHOWN_MAX],
        more=max(0, len(found) - SHOWN_MAX),
        search=search,
        currencies=sorted(CURRENCIES),
        rules=list(ROUNDING_RULES),
    )


@pages.post("/tenants/switch")
@platform_only()
def switch_tenant() -> Response:
    """Work for another tenant from here on."""
    kernel = current().kernel
    tenant = kernel.tenants.by_code(text_of("code"))
    with at_home() as own:
        audit.record(own, "core.switch_tenant", f"tenant:{tenant.code}")
    answer = done(_("You now work for %(name)s.", name=tenant.name), "admin.dashboard")
    is_secure = kernel.settings.secure_cookies
    cookies.set_cookie(answer, cookies.TENANT, tenant.code, is_secure=is_secure)
    return answer


@pages.post("/tenants/leave")
@platform_only()
def leave_tenant() -> Response:
    """Go back to the platform's own tenant."""
    answer = done(_("You are back at the platform."), "admin.tenants")
    is_secure = current().kernel.settings.secure_cookies
    cookies.clear_cookie(answer, cookies.TENANT, is_secure=is_secure)
    return answer


@pages.post("/tenants")
@platform_only("core.tenants")
def create_tenant() -> Response:
    """Open a new tenant, without any plugin yet."""
    ctx = current()
    names = ("code", "name", "country", "currency", "time_zone", "rounding")
    try:
        tenant = ctx.kernel.tenants.create(TenantFile(**{name: text_of(name) for name in names}))  # type: ignore[arg-type]  # all of these are text
    except (InvalidInput, Conflict) as error:
        return failed(str(error), "admin.tenants")
    audit.record(ctx, "tenant.created", f"tenant:{tenant.code}", new={n: text_of(n) for n in names})
    return done(
        _("%(name)s is open. Switch to it and switch its plugins on.", name=tenant.name), "admin.tenants"
    )
