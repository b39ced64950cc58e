"""The one way in: who calls, for which tenant, may they, and is what they did kept.

For every request, before any view: identify the caller, find the tenant, answer 404 for a plugin that
the tenant has switched off, check the view's declared access, and open a unit of work. After the view:
commit an answer below 400, roll back any other.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from itertools import count
from typing import Any, Literal

import structlog
from flask import Flask, Request, Response
from werkzeug.exceptions import NotFound as UnknownPath

from pitboss.core import idempotency, texts
from pitboss.core.context import Context
from pitboss.core.errors import (
    Forbidden,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    PitbossError,
    PluginError,
)
from pitboss.core.http.access import Access, access_of, is_keyed, is_platform, is_unkept, signed_in_as
from pitboss.core.http.current import TENANT_IN_PATH, VISIT, Visit, current, present, visit
from pitboss.core.identity import Principal, authenticate
from pitboss.core.kernel import Kernel
from pitboss.core.registry import View
from pitboss.core.tenancy import PLATFORM_ID, Tenant
from pitboss.core.texts import marked
from pitboss.webapp import cookies, metrics, problem
from pitboss.webapp.languages import preferred
from pitboss.webapp.limits import WINDOW_SECONDS, Limits

__all__ = ["Gate", "Rule", "current", "visit"]

log = structlog.get_logger(__name__)

Area = Literal["api", "admin", "site"]
PLATFORM_CODE = "platform"
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_KEPT_HEADERS = frozenset(("Content-Type", "ETag", "Link", "Location"))
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ANYONE = Principal(kind="system", tenant_id=-1, name="anonymous")


@dataclass(frozen=True, slots=True)
class Rule:
    """What the gate knows of one endpoint."""

    owner: str
    area: Area
    access: Mapping[str, Access] = field(default_factory=dict)
    keyed: frozenset[str] = frozenset()
    unkept: frozenset[str] = frozenset()

    def joined(self, other: Rule) -> Rule:
        """Return the rule of two endpoints that share a path."""
        return Rule(
            self.owner,
            self.area,
            {**self.access, **other.access},
            self.keyed | other.keyed,
            self.unkept | other.unkept,
        )


@dataclass(frozen=True, slots=True)
class Mount:
    """Whose blueprint it is, where it stands, and what all of it asks for."""

    owner: str
    area: Area
    access: Access | None = None
    permission: str | None = None


class Gate:
    """Stand in front of every view of an application."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._rules: dict[str, Rule] = {}
        self._plugin_paths: dict[str, str] = {}
        self._ids = map(f"{secrets.token_hex(4)}-{{:06x}}".format, count(1))
        self.mounts: dict[str, Mount] = {}
        self.failures: Counter[str] = Counter()
        """Requests that failed on our side, by the plugin that answered them."""

    def serve(self, kernel: Kernel) -> None:
        """Let requests into the tenants of a kernel."""
        self._kernel = kernel
        self._limits = Limits(kernel.settings)
        self._identifiers = kernel.registry.identifiers()
        self.failures.clear()

    def seal(self) -> None:
        """Read every view's declared access; one without refuses to start."""
        for rule in self._app.url_map.iter_rules():
            self._rules[rule.endpoint] = self._rule_of(rule.endpoint, rule.methods or set())
        for mount in self.mounts.values():
            if mount.area != "site" and mount.owner != "core":
                root = "/api/v1/" if mount.area == "api" else "/admin/"
                self._plugin_paths[root + mount.owner] = mount.owner
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
        sent = present()
        environ = sent.environ
        sent_id = environ.get("HTTP_X_REQUEST_ID")
        if sent_id is None or not _REQUEST_ID.fullmatch(sent_id):
            sent_id = next(self._ids)
        here = environ[VISIT] = Visit(sent_id, time.perf_counter())
        url_rule = sent.url_rule
        if url_rule is None:
            self._off_the_map(sent)
            return None
        here.endpoint = url_rule.endpoint
        here.rule = rule = self._rules[url_rule.endpoint]
        if rule.area == "site":
            return None
        access = rule.access.get(sent.method)
        if access is None:
            raise UnknownPath
        self._enter(sent, here, rule, access)
        if sent.method in SAFE or rule.area != "api":
            return None
        return self._claim(sent, here, rule)

    def _enter(self, request: Request, here: Visit, rule: Rule, access: Access) -> None:
        """Identify the caller and open a unit of work in the tenant, or raise."""
        if rule.area == "admin":
            cookies.refuse_other_sites(request)
        credential = credential_of(request, rule.area)
        actor = self._by_plugin(request) if self._identifiers else None
        asked = asked_tenant(request, rule.area)
        tenant = self._place(credential, asked, actor)
        if asked is not None and tenant is not None and asked != tenant.code and rule.area == "api":
            raise Forbidden(f"this credential does not belong to tenant {asked!r}")
        view = None if tenant is None else self._view(tenant, rule)
        if actor is None and credential is not None:
            actor = self._by_credential(request, credential, access)
        if actor is not None and (tenant is None or actor.tenant_id != tenant.id):
            tenant, actor = self._moved(tenant, actor)
            view = self._view(tenant, rule)
        here.actor = actor
        if rule.area == "admin":
            texts.speak(language_of(request, actor), tenant.zone if tenant is not None else None)
        if access.who != "public":
            access.check(signed_in_as(actor))
        is_sign_in = access.who == "public" and request.method in rule.unkept
        self._count(request, here, actor, is_sign_in=is_sign_in)
        if tenant is not None and view is not None:
            here.context = Context(
                self._kernel,
                tenant,
                view,
                actor or _ANYONE,
                request_id=here.request_id,
                # Who only looks never waits for a writer, and cannot write by mistake.
                read_only=request.method in SAFE,
            )

    def recognise(self, request: Request, here: Visit) -> None:
        """Learn who asks for a page that is not there, so that the answer can have their navigation."""
        with suppress(PitbossError):
            self._enter(request, here, Rule("core", "admin"), Access("signed_in"))

    def _view(self, tenant: Tenant, rule: Rule) -> View:
        view = self._kernel.registry.view(tenant.enabled)
        if rule.owner not in view.enabled:
            raise UnknownPath
        return view

    def _place(self, credential: str | None, asked: str | None, actor: Principal | None) -> Tenant | None:
        """Return the tenant that a request is for, before anyone is asked for a password."""
        tenants = self._kernel.tenants
        code = tenant_code(credential)
        if actor is not None:
            home: Tenant | None = tenants.get(actor.tenant_id)
        else:
            home = None if code is None else self._named(code)
        if home is not None and home.id != PLATFORM_ID:
            return home
        # The platform's own act where they ask to; without asking, their session may say where.
        return None if asked is None else tenants.by_code(asked)

    def _moved(self, tenant: Tenant | None, actor: Principal) -> tuple[Tenant, Principal]:
        """Return where someone acts who does not belong to the tenant that was asked for."""
        if tenant is None:
            return self._kernel.tenants.get(actor.tenant_id), actor
        if not is_platform(actor):
            raise Forbidden(f"this credential does not belong to tenant {tenant.code!r}")
        home_id = actor.tenant_id if actor.home_id is None else actor.home_id
        return tenant, replace(actor, tenant_id=tenant.id, home_id=home_id)

    def _named(self, code: str) -> Tenant:
        try:
            return self._kernel.tenants.by_code(code)
        except NotFound:
            raise NotAuthenticated("this credential is not valid") from None

    def _by_plugin(self, request: Request) -> Principal | None:
        for owned in self._identifiers:
            try:
                found: Principal | None = owned.item(request=request)
            except PitbossError:
                raise
            except Exception:
                log.exception("identify failed", plugin=owned.owner)
                self._blame(owned.owner)
                continue
            # Only a plugin that the tenant has switched on may vouch for its callers.
            if found is not None and owned.owner in self._kernel.tenants.get(found.tenant_id).enabled:
                return found
        return None

    def _by_credential(self, request: Request, credential: str, access: Access) -> Principal | None:
        address = request.remote_addr or ""
        try:
            return authenticate(self._kernel, credential, address)
        except NotAuthenticated:
            # Guessing costs the guesser's address, not the owner of the key.
            self._limits.spend(address)
            if access.who == "public":
                return None
            raise

    def _count(self, request: Request, here: Visit, actor: Principal | None, *, is_sign_in: bool) -> None:
        who = actor.id if actor is not None and not is_sign_in else request.remote_addr
        own_limit = None if actor is None else actor.requests_per_minute
        spent = self._limits.spend(who, own_limit, is_sign_in=is_sign_in)
        if spent is not None:
            limit, left, seconds = spent
            here.headers += (
                ("RateLimit", f'"minute";r={left};t={seconds}'),
                ("RateLimit-Policy", f'"minute";q={limit};w={WINDOW_SECONDS}'),
            )

    def _claim(self, request: Request, here: Visit, rule: Rule) -> Response | None:
        """Claim the request's Idempotency-Key; return the first answer when there is one."""
        environ = request.environ
        key = environ.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            if environ["REQUEST_METHOD"] in rule.keyed:
                message = marked(
                    "send an Idempotency-Key header, such as a new UUID, so that it is done once"
                )
                raise InvalidInput(message, {"Idempotency-Key": ["Missing."]})
            return None
        idempotency.check_key(key)
        context = here.context
        if context is None or environ["REQUEST_METHOD"] in rule.unkept:
            return None
        scope = f"{here.actor.kind}:{here.actor.id}" if here.actor is not None else "anyone"
        found = idempotency.claim(context, scope, key, _hash_of(request))
        if isinstance(found, idempotency.Claim):
            here.claim = found
            return None
        headers = {**found.headers, "Idempotency-Replayed": "true"}
        return Response(found.body, found.status, headers)

    def _off_the_map(self, request: Request) -> None:
        """Make a switched-off plugin's paths as unknown as any other, whatever the method."""
        parts = request.path.split("/")
        depth = 4 if parts[1:2] == ["api"] else 3
        owner = self._plugin_paths.get("/".join(parts[:depth]))
        if owner is None:
            return
        try:
            area: Area = "api" if depth == 4 else "admin"
            tenant = self._place(credential_of(request, area), asked_tenant(request, area), None)
        except PitbossError:
            raise UnknownPath from None
        if tenant is None or owner not in tenant.enabled:
            raise UnknownPath

    # -- after the view ------------------------------------------------------------------------

    def _close(self, response: Response) -> Response:
        sent = present()
        here: Visit = sent.environ[VISIT]
        context = here.context
        if context is not None:
            try:
                self._end(context, here, response)
            except Exception as error:  # noqa: BLE001 - a commit that fails becomes the answer
                context.rollback()
                response = problem.answer(error)
        if here.failed_owner is not None:
            self._blame(here.failed_owner)
        if here.endpoint is not None:
            seconds = time.perf_counter() - here.started
            metrics.observe(here.endpoint, sent.method, response.status_code, seconds)
        return response

    def _blame(self, owner: str) -> None:
        self.failures[owner] += 1
        metrics.count_failure(owner)

    @staticmethod
    def _end(context: Context, here: Visit, response: Response) -> None:
        if response.status_code >= 400:
            context.rollback()
            return
        if here.claim is None:
            context.commit()
        else:
            sent = (*response.headers.items(), *here.headers)
            kept = {name: value for name, value in sent if name in _KEPT_HEADERS}
            answer = idempotency.Answer(response.status_code, kept, response.get_data())
            idempotency.keep_and_commit(context, here.claim, answer)
        for done in here.after_commit:
            done()

    @staticmethod
    def _leave(_error: BaseException | None) -> None:
        texts.speak()  # English, for whatever this thread does next
        here = present().environ.get(VISIT)
        if here is not None and here.context is not None:
            here.context.rollback()


def rule_of(view: Any, methods: set[str], mount: Mount, what: str) -> Rule:
    """Read the declared access of a view."""
    if mount.area == "site":
        return Rule(mount.owner, "site")
    if iscoroutinefunction(view):
        raise PluginError(f"{what} is a coroutine: views are plain functions here")
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
        frozenset(m for m in wanted if is_unkept(view, m)),
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


def asked_tenant(request: Request, area: Area) -> str | None:
    """Return the tenant that a request names: in its path, in a header or, in the admin, in a cookie.

    A path that holds `<tenant_code>` is for callers who cannot send a header, such as a payment provider.
    """
    named: str | None = (request.view_args or {}).get(TENANT_IN_PATH)
    if named is not None:
        return named
    header: str | None = request.environ.get("HTTP_X_TENANT")
    if header is None and area == "admin":
        return cookies.read_cookie(request, cookies.TENANT)
    return header


def language_of(request: Request, actor: Principal | None) -> str:
    """Return the language for someone: the one that they chose, or the one that their browser prefers."""
    if actor is not None and actor.language is not None:
        return actor.language
    return preferred(request)


def tenant_code(credential: str | None) -> str | None:
    """Return the tenant that a credential of ours names.

    >>> tenant_code("pbk_acme_3f9c")
    'acme'
    """
    if credential is None or not credential.startswith("pb"):
        return None
    parts = credential.split("_", 2)
    return parts[1] if len(parts) == 3 else None


def _hash_of(request: Request) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    digest.update(request.get_data())
    return digest.digest()
