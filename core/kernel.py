"""Wire one process: settings, database, plugins and tenants. The one place where they meet."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from pitboss.core.clock import Clock, SystemClock
from pitboss.core.context import Context
from pitboss.core.database import Database
from pitboss.core.database.migrate import CORE, Migrator
from pitboss.core.errors import ConfigError, nearest
from pitboss.core.garbage import building
from pitboss.core.identity.principal import Principal, system_principal
from pitboss.core.identity.roles import give_default_roles
from pitboss.core.identity.trust import Trust
from pitboss.core.ledger import install as install_ledger
from pitboss.core.registry import Blocked, Candidate, Registry, installed
from pitboss.core.settings import Settings
from pitboss.core.settings import secret_of as secret_of  # where it is looked for
from pitboss.core.structs import look_at_all
from pitboss.core.tenancy import Tenants, read_tenant_files
from pitboss.core.tenancy.toggle import apply_file


class Kernel:
    """What every part of one process shares."""

    def __init__(self, settings: Settings, registry: Registry, database: Database, clock: Clock) -> None:
        self.settings = settings
        self.registry = registry
        self.database = database
        self.clock = clock
        self.tenants = Tenants(database, registry, clock, furnish=give_default_roles)
        self.trust = Trust(clock)

    @property
    def migrator(self) -> Migrator:
        """The migrations of the core and of every running plugin."""
        packages = {CORE: "pitboss.core.migrations"}
        for name, manifest in self.registry.manifests.items():
            if manifest.migrations:
                packages[name] = manifest.migrations
        return Migrator(self.database, packages, after=(install_ledger,))

    def context(
        self,
        tenant_id: int,
        actor: Principal | None = None,
        *,
        actor_name: str = "pitboss",
        request_id: str | None = None,
        read_only: bool = False,
    ) -> Context:
        """Return a unit of work in a tenant; without an actor the platform itself acts."""
        tenant = self.tenants.get(tenant_id)
        return Context(
            self,
            tenant,
            self.registry.view(tenant.enabled),
            actor or system_principal(tenant_id, actor_name),
            request_id=request_id,
            read_only=read_only,
        )

    def apply_tenant_files(self) -> list[str]:
        """Bring the tenants to what the files in the config folder say; return those that changed."""
        self.tenants.ensure_platform()
        files = read_tenant_files(self.settings.config)
        return [described.code for described in files if apply_file(self, described)]

    def close(self) -> None:
        """Let go of the database."""
        self.database.dispose()


@building()
def build_kernel(
    settings: Settings,
    *,
    candidates: Iterable[Candidate] | None = None,
    clock: Clock | None = None,
    database: Database | None = None,
) -> Kernel:
    """Build the kernel of this process; a database that is open already may be given."""
    registry = load_plugins(settings, candidates)
    return Kernel(settings, registry, database or open_database(settings), clock or SystemClock())


def load_plugins(settings: Settings, candidates: Iterable[Candidate] | None = None) -> Registry:
    """Load the plugins that are installed, or those given."""
    registry = Registry(
        installed(safe_mode=settings.safe_mode) if candidates is None else candidates,
        strict=settings.strict,
        blocked=read_blocked(settings.config / "blocked_plugins.toml"),
    )
    look_at_all()
    return registry


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name."""
    if not settings.database_url:
        settings.data.expanduser().mkdir(parents=True, exist_ok=True)
    return Database(
        settings.sqlalchemy_url,
        owner_url=settings.database_owner_url or None,
        pool_size=settings.database_pool_size,
    )


def read_blocked(path: Path) -> list[Blocked]:
    """Read the versions of plugins that are known to be bad."""
    if not path.exists():
        return []
    found = []
    for entry in tomllib.loads(path.read_text("utf-8")).get("blocked", []):
        keys = ("name", "below", "reason")
        for key in entry:
            if key not in keys:
                raise ConfigError(f"{path}: blocked.{key}: no such key; {nearest(key, keys)}")
        missing = [key for key in keys if key not in entry]
        if missing:
            raise ConfigError(f"{path}: a blocked entry needs {', '.join(missing)}")
        found.append(Blocked(**entry))
    return found
