"""A pytest plugin: `registry`, `kernel`, `tenant`, `ctx`, `clock` and friends, for our tests and yours.

By default tests run on SQLite with the plugins that are installed. Override `backend` or `candidates`
in a conftest to choose others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from pitboss.core.clock import ManualClock
from pitboss.core.context import Context
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.registry import Candidate, Registry, installed
from pitboss.core.settings import Settings, load_settings
from pitboss.core.tenancy import Tenant, TenantFile
from pitboss.core.tenancy.toggle import enable
from pitboss.core.testing.databases import (
    PostgresDatabase,
    SQLiteTemplate,
    empty_shared_tables,
    migrate,
    postgres_missing,
)

SECRET = "a-secret-for-tests-only"  # noqa: S105 - not a secret of anyone
_serial = count(1)


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
    def prepare(url: str) -> None:
        kernel = build_kernel(
            load_settings({}, database_url=url, secret=SECRET), candidates=candidates
        )
        migrate(kernel)
        kernel.close()

    return prepare


@pytest.fixture(scope="session")
def _sqlite(
    tmp_path_factory: pytest.TempPathFactory, _prepare: Callable[[str], None]
) -> SQLiteTemplate:
    return SQLiteTemplate(tmp_path_factory.mktemp("sqlite"), _prepare)


@pytest.fixture(scope="session")
def _postgres(_prepare: Callable[[str], None]) -> Iterator[PostgresDatabase]:
    missing = postgres_missing()
    if missing:
        pytest.skip(missing)
    database = PostgresDatabase(_prepare)
    yield database
    database.drop()


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> str:
    """The address of a migrated database."""
    if backend == "sqlite":
        template: SQLiteTemplate = request.getfixturevalue("_sqlite")
        return template.fresh()
    shared: PostgresDatabase = request.getfixturevalue("_postgres")
    return shared.url


@pytest.fixture
def settings(database_url: str, tmp_path: Any) -> Settings:
    """The deployment's settings."""
    return load_settings({}, database_url=database_url, secret=SECRET, data=tmp_path)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves when told: `clock.advance(hours=25)`."""
    return ManualClock()


@pytest.fixture
def kernel(
    settings: Settings, candidates: Sequence[Candidate], clock: ManualClock
) -> Iterator[Kernel]:
    """The platform, wired on a database of its own."""
    kernel = build_kernel(settings, candidates=candidates, clock=clock)
    empty_shared_tables(kernel.database)
    yield kernel
    kernel.close()


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
            for plugin in plugins:
                enable(ctx, plugin)
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
