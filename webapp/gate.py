"""The one way in: who calls, for which tenant, may they, and is what they did kept.

For every request, before any view: identify the caller, find the tenant, answer 404 for a plugin that
the tenant has switched off, check the view's declared access, and open a unit of work. After the view:
commit an answer below 400, roll back any other.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

import structlog
from flask import Flask, Request, Response, g
from flask.globals import request_ctx
from werkzeug.exceptions import NotFound as UnknownPath

from pitboss.core.context import Context
from pitboss.core.contracts import Owned
from pitboss.core.errors import Forbidden, NotAuthenticated, NotFound, PitbossError, PluginError
from pitboss.core.http.access import Access, access_of, is_keyed, is_platform, is_secret, signed_in_as
from pitboss.core.http.current import Visit, current, visit
from pitboss.core.identity.principal import Principal
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant
from pitboss.webapp import cookies, problem

__all__ = ["Gate", "Rule", "current", "visit"]

log = structlog.get_logger(__name__)

Area = Literal["api", "admin", "site"]
PLATFORM_CODE = "platform"
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ANYONE = Principal(kind="system", tenant_id=-1, name="anonymous")
_NO_TENANT = "which tenant? send the header X-Tenant with its code"


@dataclass(frozen=True, slots=True)
class Rule:
    """What the gate knows of one endpoint."""

    owner: str
    area: Area
    access: Mapping[str, Access] = field(default_factory=dict)
    keyed: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mount:
    """Whose blueprint it is, where it stands, and what all of it asks for."""

    owner: str
    area: Area
    access: Access | None = None
    permission: str | None = None


class Gate:
    """Stand in front of every view of an application."""

    def __init__(self, app: Flask, kernel: Kernel) -> None:
        self._app = app
        self._kernel = kernel
        self._rules: dict[str, Rule] = {}
        self._plugin_paths: dict[str, str] = {}
        self._identifiers: list[Owned[Callable[..., Any]]] = []
        self._ids = map(f"{secrets.token_hex(4)}-{{:06x}}".format, count(1))
        self.mounts: dict[str, Mount] = {}
        self.failures: Counter[str] = Counter()
        """Requests that failed on our side, by the plugin that answered them."""

    def seal(self) -> None:
        """Read every view's declared access; one without refuses to start."""
        for rule in self._app.url_map.iter_rules():
            self._rules[rule.endpoint] = self._rule_of(rule.endpoint, rule.methods or set())
        for mount in self.mounts.values():
            if mount.area != "site" and mount.owner != "core":
                root = "/api/v1/" if mount.area == "api" else "/admin/"
                self._plugin_paths[root + mount.owner] = mount.owner
        self._identifiers = self._kernel.registry.identifiers()
        self._app.before_request(self._open)
        self._app.after_request(self._close)
        self._app.teardown_request(self._leave)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Every endpoint's rule."""
        return self._rules

    def _rule_of(self, endpoint: str, methods: set[str]) -> Rule:
        view = self._app.view_functions[endpoint]
        if endpoint == "static" or endpoint.endswith(".static"):
            return Rule("core", "site")
        mount = self._mount_of(endpoint)
        return rule_of(view, methods, mount, f"route {endpoint!r}")

    def _mount_of(self, endpoint: str) -> Mount:
        name = endpoint
        while "." in name:
            name = name.rpartition(".")[0]
            if name in self.mounts:
                return self.mounts[name]
        return Mount("core", "api")

    # -- before the view -----------------------------------------------------------------------

    def _open(self) -> Response | None:
        request: Request = request_ctx.request
        environ = request.environ
        sent_id = environ.get("HTTP_X_REQUEST_ID")
        request_id = sent_id if sent_id is not None and _REQUEST_ID.fullmatch(sent_id) else next(self._ids)
        g.visit = here = Visit(request_id, time.perf_counter())
        url_rule = request.url_rule
        if url_rule is None:
            return self._off_the_map(request)
        here.rule = rule = self._rules[url_rule.endpoint]
        if rule.area == "site":
            return None
        self._enter(request, here, rule)
        return None

    def _enter(self, request: Request, here: Visit, rule: Rule) -> None:
        access = rule.access.get(request.method)
        if access is None:
            raise UnknownPath
        if rule.area == "admin":
            cookies.refuse_other_sites(request)
        credential = credential_of(request, rule.area)
        tenant = self._tenant_of(request, credential)
        actor = self._identify_by_plugin(request)
        if actor is not None:
            tenant = self._kernel.tenants.get(actor.tenant_id)
        if tenant is not None and rule.owner not in self._view_of(tenant):
            raise UnknownPath
        if actor is None and credential is not None:
            actor = self._identify(request, credential, access)
        if access.who != "public":
            signed_in_as(actor)
        if actor is not None:
            tenant, actor = self._placed(request, tenant, actor)
        here.actor = actor
        if tenant is None:
            return
        if rule.owner not in self._view_of(tenant):
            raise UnknownPath
        if access.who != "public":
            access.check(signed_in_as(actor))
        here.context = Context(
            self._kernel,
            tenant,
            self._kernel.registry.view(tenant.enabled),
            actor or _ANYONE,
            request_id=here.request_id,
        )

    def _view_of(self, tenant: Tenant) -> frozenset[str]:
        return self._kernel.registry.view(tenant.enabled).enabled

    def _tenant_of(self, request: Request, credential: str | None) -> Tenant | None:
        code, asked = tenant_code(credential), asked_tenant(request)
        if code is None or (code == PLATFORM_CODE and asked is not None):
            code = asked
        if code is None:
            return None
        try:
            return self._kernel.tenants.by_code(code)
        except NotFound:
            if credential is not None:
                raise NotAuthenticated("this credential is not valid") from None
            raise

    def _identify_by_plugin(self, request: Request) -> Principal | None:
        for owned in self._identifiers:
            try:
                found: Principal | None = owned.item(request=request)
            except PitbossError:
                raise
            except Exception:
                log.exception("identify failed", plugin=owned.owner)
                self.failures[owned.owner] += 1
                continue
            # Only a plugin that the tenant has switched on may vouch for its callers.
            if found is not None and owned.owner in self._kernel.tenants.get(found.tenant_id).enabled:
                return found
        return None

    def _identify(self, request: Request, credential: str, access: Access) -> Principal | None:
        from pitboss.core.identity import authenticate

        try:
            return authenticate(self._kernel, credential, request.remote_addr or "")
        except NotAuthenticated:
            if access.who == "public":
                return None
            raise

    def _placed(self, request: Request, tenant: Tenant | None, actor: Principal) -> tuple[Tenant, Principal]:
        """Return where the caller acts: at home, or for the platform's own where they ask to."""
        home = self._kernel.tenants.get(actor.tenant_id)
        asked = asked_tenant(request)
        if asked is None or asked == home.code:
            return home, actor
        if not is_platform(actor):
            if request.environ.get("HTTP_X_TENANT") is None:  # a cookie that someone else left behind
                return home, actor
            raise Forbidden(f"this credential belongs to tenant {home.code!r}, not to {asked!r}")
        there = self._kernel.tenants.by_code(asked)
        return there, _acting_in(actor, there.id)

    def _off_the_map(self, request: Request) -> None:
        """Make a switched-off plugin's paths as unknown as any other, whatever the method."""
        owner = self._plugin_paths.get("/".join(request.path.split("/", 4)[:4])) or (
            self._plugin_paths.get("/".join(request.path.split("/", 3)[:3]))
        )
        if owner is None:
            return
        try:
            tenant = self._tenant_of(request, credential_of(request, "api"))
        except PitbossError:
            raise UnknownPath from None
        if tenant is None or owner not in tenant.enabled:
            raise UnknownPath

    # -- after the view ------------------------------------------------------------------------

    def _close(self, response: Response) -> Response:
        here: Visit = g.visit
        context = here.context
        if context is not None:
            try:
                if response.status_code < 400:
                    context.commit()
                else:
                    context.rollback()
            except Exception as error:  # noqa: BLE001 - a commit that fails becomes the answer
                context.rollback()
                response = problem.answer(error)
        if response.status_code == 500:
            self.failures[g.get("failed_owner", "core")] += 1
        response.headers["X-Request-Id"] = here.request_id
        return response

    def _leave(self, _error: BaseException | None) -> None:
        here = g.get("visit")
        if here is not None and here.context is not None:
            here.context.rollback()


def rule_of(view: Any, methods: set[str], mount: Mount, what: str) -> Rule:
    """Read the declared access of a view."""
    if mount.area == "site":
        return Rule(mount.owner, "site")
    wanted = sorted(methods - {"OPTIONS"})
    access = {}
    for method in wanted:
        declared = access_of(view, method) or mount.access
        if declared is None and mount.permission is not None:
            declared = Access("staff")
        if declared is None:
            raise PluginError(
                f"{what} ({method}) declares no access: decorate it with public, signed_in, "
                "player_only, requires or platform_only of pitboss.core.http"
            )
        access[method] = declared.also(mount.permission)
    return Rule(
        mount.owner,
        mount.area,
        access,
        frozenset(m for m in wanted if is_keyed(view, m)),
        frozenset(m for m in wanted if is_secret(view, m)),
    )


def credential_of(request: Request, area: Area) -> str | None:
    """Return what the caller shows: a bearer token, an API key or, in the admin, a session cookie."""
    environ = request.environ
    header = environ.get("HTTP_AUTHORIZATION")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticated("write the header as 'Authorization: Bearer <token>'")
        return str(token.strip())
    key: str | None = environ.get("HTTP_X_API_KEY")
    if key is None and area == "admin":
        return cookies.read_cookie(request, cookies.SESSION)
    return key


def asked_tenant(request: Request) -> str | None:
    """Return the tenant that a request names: in a header or, in the admin, in a cookie."""
    header: str | None = request.environ.get("HTTP_X_TENANT")
    if header is None and request.path.startswith("/admin"):
        return cookies.read_cookie(request, cookies.TENANT)
    return header


def tenant_code(credential: str | None) -> str | None:
    """Return the tenant that a credential of ours names.

    >>> tenant_code("pbk_acme_3f9c")
    'acme'
    """
    if credential is None or not credential.startswith("pb"):
        return None
    parts = credential.split("_", 2)
    return parts[1] if len(parts) == 3 else None


def _acting_in(actor: Principal, tenant_id: int) -> Principal:
    from dataclasses import replace

    return replace(actor, tenant_id=tenant_id, home_id=actor.tenant_id)
