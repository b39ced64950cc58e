"""A pytest plugin: `kernel`, `tenant`, `ctx`, `clock`, `client` and friends, for our tests and yours.

By default tests run on SQLite with the plugins that are installed. Override `backend` or `candidates`
in a conftest to choose others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import select

from pitboss.core.clock import ManualClock
from pitboss.core.context import Context
from pitboss.core.database import Database
from pitboss.core.events import Event, EventRow
from pitboss.core.kernel import Kernel, load_plugins, open_database
from pitboss.core.logs import console
from pitboss.core.registry import Candidate, Registry, installed
from pitboss.core.settings import Settings, load_settings
from pitboss.core.tenancy import Tenant, TenantFile, toggle
from pitboss.core.testing.databases import (
    SECRET,
    PostgresDatabase,
    SQLiteTemplate,
    begin_anew,
    empty_shared_tables,
    postgres_missing,
    preparation,
)
from pitboss.core.testing.jobs import Worker
from pitboss.core.testing.levels import OUTCOMES, Outcome, group_of
from pitboss.core.testing.web import SIGNING_IN, Apps, client_of

_serial = count(1)
_OUTCOMES: pytest.StashKey[dict[str, Outcome]] = pytest.StashKey()

pytest.register_assert_rewrite("pitboss.core.testing.contract")


def pytest_configure() -> None:
    """Log with plain traces, as a deployment does."""
    structlog.configure(processors=[structlog.stdlib.add_log_level, console()])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember what the tests of the plugin contract came to."""
    report = yield
    level = group_of(getattr(item, "function", None))
    if level is not None:
        known = item.config.stash.setdefault(_OUTCOMES, {})
        earlier = known[item.nodeid].outcome if item.nodeid in known else "passed"
        outcome = earlier if report.passed else report.outcome
        known[item.nodeid] = Outcome(item.name, level, outcome)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the outcomes of the contract where `pitboss contract` reads them."""
    path = os.environ.get(OUTCOMES)
    if path:
        known = session.config.stash.get(_OUTCOMES, {})
        Path(path).write_text(json.dumps({node: asdict(outcome) for node, outcome in known.items()}))


@pytest.fixture
def backend() -> str:
    """The database that a test runs on: `sqlite` or `postgresql`."""
    return "sqlite"


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    """The plugins that tests load."""
    return installed()


@pytest.fixture(scope="session")
def _prepare(candidates: Sequence[Candidate]) -> Callable[[str], None]:
    # A folder of tests may name fewer plugins than the next one, or a stand-in for one that is installed,
    # and both share this database: it has the tables of all that are installed.
    wanted = {candidate.name: candidate for candidate in (*candidates, *installed())}
    return preparation(list(wanted.values()))


@pytest.fixture(scope="session")
def _sqlite(_prepare: Callable[[str], None]) -> Iterator[SQLiteTemplate]:
    template = SQLiteTemplate(_prepare)
    yield template
    template.drop()


@pytest.fixture(scope="session")
def _postgres(_prepare: Callable[[str], None]) -> Iterator[PostgresDatabase]:
    missing = postgres_missing()
    if missing:
        pytest.skip(missing)
    database = PostgresDatabase(_prepare)
    yield database
    database.drop()


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated database."""
    if backend == "sqlite":
        template: SQLiteTemplate = request.getfixturevalue("_sqlite")
        with template.fresh() as url:
            yield url
    else:
        shared: PostgresDatabase = request.getfixturevalue("_postgres")
        yield shared.url


@pytest.fixture
def settings(database_url: str, tmp_path: Any) -> Settings:
    """The deployment's settings."""
    return load_settings({}, database_url=database_url, secret=SECRET, data=tmp_path)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves when told: `clock.advance(hours=25)`."""
    return ManualClock()


@pytest.fixture(scope="session")
def _databases() -> Iterator[dict[str, Database]]:
    # What compiles statements outlives a test, as it does a request: compiling is half of a short test.
    kept: dict[str, Database] = {}
    yield kept
    for database in kept.values():
        database.dispose()


@pytest.fixture(scope="session")
def _registries() -> dict[Any, Registry]:
    # What plugins contribute is the same for all tests, and takes longer to gather than most of them run.
    return {}


@pytest.fixture
def _loaded(
    settings: Settings, candidates: Sequence[Candidate], _registries: dict[Any, Registry]
) -> Iterator[Registry]:
    what = (tuple(candidates), settings.config, settings.safe_mode, settings.strict)
    loaded = _registries.get(what) or load_plugins(settings, [*candidates, SIGNING_IN])
    before = (loaded.manifests, loaded.broken)
    _registries[what] = loaded
    yield loaded
    if (loaded.manifests, loaded.broken) != before:
        del _registries[what]  # the test brought a plugin of its own, or broke one


@pytest.fixture
def kernel(
    settings: Settings, _loaded: Registry, clock: ManualClock, _databases: dict[str, Database]
) -> Iterator[Kernel]:
    """The platform, wired on a database of its own."""
    database = _databases.get(settings.sqlalchemy_url) or open_database(settings)
    _databases[settings.sqlalchemy_url] = database
    begin_anew(database)
    kernel = Kernel(settings, _loaded, database, clock)
    empty_shared_tables(kernel.database)
    yield kernel
    if kernel.database.is_sqlite:
        kernel.close()  # the next test's file has the same name


@pytest.fixture
def database(kernel: Kernel) -> Any:
    """The database of the platform."""
    return kernel.database


@pytest.fixture
def registry(kernel: Kernel) -> Registry:
    """What the plugins contributed."""
    return kernel.registry


@pytest.fixture
def make_tenant(kernel: Kernel) -> Callable[..., Tenant]:
    """Make tenants: `make_tenant("my_plugin", currency="GBP")`, with those plugins switched on."""

    def make(*plugins: str, **described: Any) -> Tenant:
        code = described.pop("code", f"t{next(_serial)}-{uuid4().hex[:8]}")
        described.setdefault("name", code.title())
        tenant = kernel.tenants.create(TenantFile(code=code, **described))
        with kernel.context(tenant.id) as ctx:
            for plugin in [name for name in kernel.registry.in_order(plugins) if name in plugins]:
                toggle.enable(ctx, plugin)
        kernel.tenants.forget(tenant.id)
        return kernel.tenants.get(tenant.id)

    return make


@pytest.fixture
def tenant(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> Tenant:
    """A tenant with every installed plugin switched on."""
    return make_tenant(*kernel.registry.optional)


@pytest.fixture
def other_tenant(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> Tenant:
    """A second tenant, for showing that nothing crosses."""
    return make_tenant(*kernel.registry.optional)


@pytest.fixture
def tenant_id(tenant: Tenant) -> int:
    """The id of the tenant."""
    return tenant.id


@pytest.fixture
def ctx(kernel: Kernel, tenant: Tenant) -> Iterator[Context]:
    """An open unit of work; it is rolled back at the end unless the test commits."""
    context = kernel.context(tenant.id)
    yield context
    context.rollback()


@pytest.fixture
def enable(kernel: Kernel, tenant: Tenant) -> Callable[[str], None]:
    """Switch a plugin on for the tenant: `enable("my_plugin")`."""
    return lambda plugin: _toggle(kernel, tenant, toggle.enable, plugin)


@pytest.fixture
def disable(kernel: Kernel, tenant: Tenant) -> Callable[[str], None]:
    """Switch a plugin off for the tenant: `disable("my_plugin")`."""
    return lambda plugin: _toggle(kernel, tenant, toggle.disable, plugin)


def _toggle(kernel: Kernel, tenant: Tenant, change: Callable[[Context, str], None], plugin: str) -> None:
    with kernel.context(tenant.id) as ctx:
        change(ctx, plugin)
    kernel.tenants.forget(tenant.id)


@pytest.fixture
def worker(kernel: Kernel) -> Worker:
    """Do all due jobs, and those that they cause: `worker()`; a job that fails fails the test."""
    return Worker(kernel)


@pytest.fixture
def events(kernel: Kernel, tenant: Tenant) -> Callable[..., list[Event]]:
    """Return what the tenant's event log holds: `events()`, or `events("my_plugin.card_filled")`."""
    return lambda name=None: _recorded(kernel, tenant, name)


def _recorded(kernel: Kernel, tenant: Tenant, name: str | None) -> list[Event]:
    query = select(EventRow).order_by(EventRow.id)
    with kernel.context(tenant.id) as ctx:
        rows = ctx.session.scalars(query if name is None else query.where(EventRow.name == name)).all()
        return [Event(r.id, r.name, r.payload, r.at, r.player_id, r.facts) for r in rows]


# -- HTTP ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _apps() -> Apps:
    return Apps()


@pytest.fixture
def app(kernel: Kernel, _apps: Apps) -> Any:
    """The web application of the kernel."""
    return _apps.of(kernel)


@pytest.fixture
def make_client(app: Any, tenant: Tenant) -> Callable[..., Any]:
    """Make clients: `make_client("operator", "my_plugin.see")`; without a kind, nobody is signed in."""

    def make(kind: str | None = None, *permissions: str, of: Tenant = tenant) -> Any:
        return client_of(app, of, kind, permissions)

    return make


@pytest.fixture
def client(make_client: Callable[..., Any]) -> Any:
    """A client of the API that is signed in as a player: `client.player_id`."""
    return make_client("player")


@pytest.fixture
def operator_client(make_client: Callable[..., Any]) -> Any:
    """A client of API and admin that is signed in as an operator with every permission."""
    return make_client("operator", "*")


@pytest.fixture
def key_client(make_client: Callable[..., Any]) -> Any:
    """A client of the API that calls with an API key that holds every permission."""
    return make_client("api_key", "*")
