"""What a plugin does when it is used: over HTTP, across tenants, switched off, failing and gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any
from unittest.mock import MagicMock
from uuid import UUID

from sqlalchemy import Connection, select
from werkzeug.routing import Rule

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Function, Guard, Variable
from pitboss.core.errors import PitbossError, Unavailable
from pitboss.core.health import examine
from pitboss.core.http.access import Access, access_of
from pitboss.core.http.current import TENANT_IN_PATH
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import Candidate
from pitboss.core.tenancy import Tenant, TenantFile, toggle
from pitboss.core.testing import tables
from pitboss.core.testing.subject import Subject

WEB = "pitboss.wsgi"
PLAYERS_MAX = 5
"""Players of the demo data that another tenant asks about."""
_SAMPLES = {"UUIDConverter": str(UUID(int=7)), "IntegerConverter": "1", "FloatConverter": "1.0"}


# -- HTTP --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """How one route answered one client."""

    call: str
    who: str
    status: int
    location: str = ""

    @property
    def is_refusal(self) -> bool:
        """Tell whether the caller was sent away, or to the page where one signs in."""
        return self.status in (401, 403) or (self.status in (302, 303) and "sign" in self.location)

    def __str__(self) -> str:
        return f"{self.call} answered {self.status} to {self.who}"


def is_web_installed() -> bool:
    """Tell whether anything answers HTTP here."""
    return bool(entry_points(group=WEB))


def answers(
    app: Any, subject: Subject, client: Any, to: Callable[[Access | None, bool], bool] | None = None
) -> Iterator[Answer]:
    """Call each route of the plugin, or those whose access and area fit, as one client."""
    who = client.principal.label if client.principal else "nobody"
    for rule, method, access, is_admin in _calls(app, subject):
        if to is None or to(access, is_admin):
            path = _path(app, rule, client)
            response = client.open(path, method=method, json={} if method != "GET" else None)
            yield Answer(f"{method} {path}", who, response.status_code, response.headers.get("Location", ""))


def is_closed(access: Access | None, is_admin: bool) -> bool:
    """Tell whether a route asks who is there: all but public ones, and every page of the admin."""
    return is_admin or access is None or access.who != "public"


def is_privileged(access: Access | None, is_admin: bool) -> bool:
    """Tell whether a route asks for more than to be signed in as anybody."""
    return is_admin or access is None or access.who not in ("public", "signed_in")


def _calls(app: Any, subject: Subject) -> Iterator[tuple[Rule, str, Access | None, bool]]:
    for rule in app.url_map.iter_rules():
        parts = rule.rule.split("/")
        is_admin, is_api = parts[1:3] == ["admin", subject.name], parts[1:4] == ["api", "v1", subject.name]
        view = app.view_functions[rule.endpoint]
        is_file = rule.endpoint.endswith(".static")
        if (is_admin or is_api) and not is_file:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, access_of(view, method), is_admin


def _path(app: Any, rule: Rule, client: Any) -> str:
    values = {
        name: _SAMPLES.get(type(converter).__name__, "sample") for name, converter in rule._converters.items()
    }
    if TENANT_IN_PATH in values:
        values[TENANT_IN_PATH] = client.environ_base["HTTP_X_TENANT"]
    adapter = app.url_map.bind("localhost")
    path: str = adapter.build(rule.endpoint, values, force_external=False)
    return path


# -- tenants -----------------------------------------------------------------------------------


def load_demo(kernel: Kernel, subject: Subject, tenant: Tenant) -> None:
    """Load the plugin's demo data into a tenant."""
    with kernel.context(tenant.id, actor_name="demo") as ctx:
        kernel.registry.tell(subject.name, "load_demo", ctx=ctx)


def switch_on(kernel: Kernel, subject: Subject, tenant: Tenant) -> None:
    """Switch the plugin on for a tenant."""
    with kernel.context(tenant.id) as ctx:
        toggle.enable(ctx, subject.name)
    kernel.tenants.forget(tenant.id)


def switch_off(kernel: Kernel, subject: Subject, tenant: Tenant) -> None:
    """Switch the plugin off for a tenant, even where rules of its demo need it."""
    with kernel.context(tenant.id) as ctx:
        toggle.disable(ctx, subject.name, is_forced=True)
    kernel.tenants.forget(tenant.id)


def demo_players(kernel: Kernel, subject: Subject, tenant: Tenant) -> list[UUID]:
    """Return players that the plugin's tables know of in a tenant."""
    columns = [t.c.player_id for t in subject.tables() if "player_id" in t.c]
    with kernel.context(tenant.id) as ctx:
        found = {value for c in columns for value in ctx.connection.scalars(select(c)) if value}
    return sorted(found)[:PLAYERS_MAX]


def readings(kernel: Kernel, subject: Subject, tenant: Tenant, players: Sequence[UUID]) -> dict[str, Any]:
    """Return all that a tenant can learn: its rows, and the values of terms for some players.

    A player of whom nothing is known must look like any other, so the players themselves do not count.
    """
    learned: dict[str, Any] = dict(tables.rows(kernel, subject, tenant))
    for player_id in (*players, uuid7()):
        with kernel.context(tenant.id) as ctx:
            for name, value in _values(ctx.of(player_id), subject):
                learned.setdefault(name, set()).add(value)
    return learned


def _values(ctx: Context, subject: Subject) -> Iterator[tuple[str, str]]:
    for term in subject.terms:
        if isinstance(term, (Variable, Function)):
            arguments = tuple(term.example or ()) if isinstance(term, Function) else ()
            try:
                yield term.name, repr(ctx.value(term.name, *arguments))
            except PitbossError as error:
                yield term.name, type(error).__name__


# -- tasks and guards --------------------------------------------------------------------------


def enqueue_all(kernel: Kernel, subject: Subject, tenant: Tenant) -> None:
    """Ask for every task of the plugin."""
    with kernel.context(tenant.id) as ctx:
        for task in subject.tasks:
            ctx.enqueue(task.name)


class DeafContext(Context):
    """A context whose database does not answer."""

    __slots__ = ("was_asked",)

    was_asked: bool

    @property
    def connection(self) -> Connection:
        self.was_asked = True
        raise Unavailable("the database does not answer (this is a test)")


def guards_that_fail_open(kernel: Kernel, subject: Subject, tenant: Tenant) -> list[str]:
    """Name the guards that allow an operation although what they asked did not answer."""
    guards = [item for item in subject.listeners if isinstance(item, Guard)]
    payloads: tuple[Any, ...] = (None, {}, uuid7(), MagicMock())
    return sorted(
        {guard.operation for guard in guards for p in payloads if _fails_open(kernel, guard, tenant, p)}
    )


def _fails_open(kernel: Kernel, guard: Guard, tenant: Tenant, payload: Any) -> bool:
    asked = kernel.context(tenant.id)
    ctx = DeafContext(kernel, asked.tenant, asked.view, asked.actor, subject=uuid7())
    ctx.was_asked = False
    try:
        reason = guard.check(ctx, payload)
    except Exception:  # noqa: BLE001 - a guard that fails refuses: the core sees to it
        return False
    return ctx.was_asked and reason is None


# -- without it --------------------------------------------------------------------------------


def broken_without(
    kernel: Kernel, subject: Subject, tenant: Tenant, candidates: Sequence[Candidate]
) -> list[str]:
    """Uninstall the plugin, first leaving its tables and then with them gone; say what broke."""
    found = _problems_of(kernel, subject, tenant, candidates)
    if subject.manifest.migrations:
        kernel.migrator.downgrade(subject.name)
        if tables.names(kernel, subject) == []:
            kernel.migrator.upgrade(subject.name)
            kernel.migrator.downgrade(subject.name)
        found += _problems_of(kernel, subject, tenant, candidates)
    return found


def _problems_of(
    kernel: Kernel, subject: Subject, tenant: Tenant, candidates: Sequence[Candidate]
) -> list[str]:
    before = {finding.name for finding in examine(kernel) if finding.problem}
    left = build_kernel(kernel.settings, candidates=candidates, clock=kernel.clock)
    try:
        _work(left, tenant)
        found = [f"{f.name}: {f.problem}" for f in examine(left) if f.problem and f.name not in before]
        still_on = subject.name in left.tenants.get(tenant.id).enabled
        return [*found, f"{subject.name} is still switched on"] if still_on else found
    except Exception as error:  # noqa: BLE001 - whatever breaks, it broke because the plugin is gone
        return [f"{type(error).__name__}: {str(error).splitlines()[0]}"]
    finally:
        left.close()


def _work(kernel: Kernel, tenant: Tenant) -> None:
    """Do what the platform does every day."""
    made = kernel.tenants.create(TenantFile(code=f"after-{uuid7().hex[-12:]}", name="After"))
    for tenant_id in (tenant.id, made.id):
        with kernel.context(tenant_id) as ctx:
            audit.record(ctx, "plugin.uninstalled", "contract")
