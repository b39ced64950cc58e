"""The tenants of this process: a short cache over the database, and the only place that changes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError
from sqlalchemy import Connection, func, insert, select, update

from pitboss.core.clock import Clock
from pitboss.core.database import Database
from pitboss.core.errors import Conflict, InvalidInput, NotFound, nearest
from pitboss.core.money import Currencies
from pitboss.core.registry import Registry
from pitboss.core.tenancy.files import PluginChoice, TenantFile, problems_of
from pitboss.core.tenancy.tables import PLATFORM_ID, TenantPluginRow, TenantTable

CACHE_SECONDS = 3.0
"""A toggle is seen by every process within this time."""

READERS_MAX = 256
"""Schemas of settings that are kept made."""

_NUMBERING_LOCK = 7062121

_TENANT = TenantTable.__table__
_PLUGIN = TenantPluginRow.__table__
_SUMMARY = select(func.count(), func.sum(_TENANT.c.version)).select_from(_TENANT)


@dataclass(frozen=True, slots=True)
class Tenant:
    """One brand, as the code sees it."""

    id: int
    code: str
    name: str
    country: str
    currency: str
    locale: str
    zone: ZoneInfo
    rounding: str
    currencies: Currencies
    enabled: frozenset[str]
    required: frozenset[str]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: int = 1
    is_active: bool = True


@lru_cache(maxsize=READERS_MAX)
def _reader(settings: type[Schema]) -> Schema:
    """Return what reads settings: a schema takes longer to make than to read with."""
    return settings(unknown=EXCLUDE)


class Tenants:
    """Read tenants through a cache of a few seconds; change them in the database."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        clock: Clock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        furnish: Callable[[Connection, int], None] = lambda _connection, _tenant_id: None,
    ) -> None:
        """Take what gives a new tenant what each must have, such as roles, as `furnish`."""
        self._database = database
        self._registry = registry
        self._clock = clock
        self._monotonic = monotonic
        self._furnish = furnish
        self._cache: dict[int, Tenant] = {}
        self._ids: dict[str, int] = {}
        self._check_at = 0.0
        self._seen: tuple[Any, ...] | None = None
        self._checks = 0
        self._checking = Lock()

    # -- reading -------------------------------------------------------------------------------

    def get(self, tenant_id: int) -> Tenant:
        """Return a tenant by id."""
        if self._monotonic() >= self._check_at:
            self._check()
        found = self._cache.get(tenant_id)
        if found is not None:
            return found
        checks = self._checks
        with self._database.system(read_only=True) as connection:
            tenant = self._read(connection, tenant_id)
        # What was read while someone checked may be older than what the check saw.
        if checks == self._checks:
            self._cache[tenant_id] = tenant
        return tenant

    def by_code(self, code: str) -> Tenant:
        """Return a tenant by code; a tenant that is switched off is not found."""
        tenant = self.get(self.id_of(code))
        if not tenant.is_active:
            raise NotFound(f"tenant {code!r} is switched off")
        return tenant

    def named(self, code: str) -> Tenant:
        """Return a tenant by code, for those who may know the others: the error names the nearest."""
        try:
            return self.by_code(code)
        except NotFound as error:
            raise NotFound(f"{error}; {nearest(code, [tenant.code for tenant in self.all()])}") from None

    def id_of(self, code: str) -> int:
        """Return the id of a tenant, also of one that is switched off."""
        tenant_id = self._ids.get(code)
        if tenant_id is None:
            with self._database.system(read_only=True) as connection:
                query = select(_TENANT.c.tenant_id).where(_TENANT.c.code == code)
                tenant_id = connection.scalar(query)
            if tenant_id is None:
                raise NotFound(f"no tenant {code!r}")
            self._ids[code] = tenant_id
        return tenant_id

    def all(self) -> list[Tenant]:
        """Return every active tenant but the platform's own."""
        with self._database.system(read_only=True) as connection:
            ids = connection.scalars(
                select(_TENANT.c.tenant_id)
                .where(_TENANT.c.is_active, _TENANT.c.tenant_id != PLATFORM_ID)
                .order_by(_TENANT.c.tenant_id)
            ).all()
        return [self.get(tenant_id) for tenant_id in ids]

    def forget(self, tenant_id: int | None = None) -> None:
        """Drop what is cached of one tenant, or of all."""
        if tenant_id is None:
            self._cache.clear()
            self._ids.clear()
        else:
            self._cache.pop(tenant_id, None)

    def locked(self, connection: Connection, tenant_id: int) -> Tenant:
        """Return a tenant as it is now, and hold off who else would change it until the commit."""
        return self._read(connection, tenant_id, lock=True)

    def _check(self) -> None:
        """Drop the tenants that changed: one small query, however many tenants there are."""
        if not self._checking.acquire(blocking=False):
            return
        try:
            with self._database.system(read_only=True) as connection:
                # Versions only grow, so their sum stands still only when none of them moved.
                seen = tuple(connection.execute(_SUMMARY).one())
                if seen != self._seen:
                    self._drop_changed(connection)
            self._seen = seen
            self._checks += 1
            self._check_at = self._monotonic() + CACHE_SECONDS
        finally:
            self._checking.release()

    def _drop_changed(self, connection: Connection) -> None:
        versions = {
            r.tenant_id: r.version for r in connection.execute(select(_TENANT.c.tenant_id, _TENANT.c.version))
        }
        for tenant_id, tenant in list(self._cache.items()):
            if versions.get(tenant_id) != tenant.version:
                self._cache.pop(tenant_id, None)

    def _read(self, connection: Connection, tenant_id: int, *, lock: bool = False) -> Tenant:
        query = select(_TENANT).where(_TENANT.c.tenant_id == tenant_id)
        row = connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            raise NotFound(f"no tenant {tenant_id}")
        plugins = connection.execute(select(_PLUGIN).where(_PLUGIN.c.tenant_id == tenant_id)).all()
        known = set(self._registry.manifests)
        return Tenant(
            id=row.tenant_id,
            code=row.code,
            name=row.name,
            country=row.country,
            currency=row.currency,
            locale=row.locale,
            zone=ZoneInfo(row.time_zone),
            rounding=row.rounding,
            currencies=Currencies(row.currencies),
            enabled=frozenset(p.plugin for p in plugins if p.is_enabled and p.plugin in known)
            | self._registry.always_on,
            required=frozenset(p.plugin for p in plugins if p.is_required),
            settings={p.plugin: self._loaded_settings(p.plugin, p.settings) for p in plugins},
            version=row.version,
            is_active=row.is_active,
        )

    def _loaded_settings(self, plugin: str, stored: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return settings as Python values; what an older version stored may no longer fit."""
        manifest = self._registry.manifests.get(plugin)
        if manifest is None or manifest.settings is None:
            return stored
        schema = _reader(manifest.settings)
        try:
            loaded: Mapping[str, Any] = schema.load(stored)
        except ValidationError as error:
            valid = {k: v for k, v in stored.items() if k not in InvalidInput.of("settings", error).fields}
            loaded = schema.load(valid, partial=True)
        return loaded

    # -- changing ------------------------------------------------------------------------------

    def create(self, described: TenantFile) -> Tenant:
        """Create a tenant, without any plugin yet."""
        for problem in problems_of(described):
            raise InvalidInput(problem)
        with self._database.system() as connection:
            self._number_one_at_a_time(connection)
            if connection.scalar(select(_TENANT.c.code).where(_TENANT.c.code == described.code)):
                raise Conflict(f"tenant {described.code!r} exists already: choose another code")
            highest = connection.scalar(select(func.max(_TENANT.c.tenant_id))) or PLATFORM_ID
            self._insert(connection, highest + 1, described)
        self._furnish_one(highest + 1)
        return self.get(highest + 1)

    def ensure_platform(self) -> None:
        """Create the tenant of those who run the deployment, if it is not there."""
        with self._database.system() as connection:
            self._number_one_at_a_time(connection)
            if (
                connection.scalar(select(_TENANT.c.tenant_id).where(_TENANT.c.tenant_id == PLATFORM_ID))
                is None
            ):
                self._insert(connection, PLATFORM_ID, TenantFile(code="platform", name="Platform"))
        self._furnish_one(PLATFORM_ID)

    def _furnish_one(self, tenant_id: int) -> None:
        with self._database.transaction(tenant_id) as connection:
            self._furnish(connection, tenant_id)

    def describe(self, connection: Connection, tenant_id: int, described: TenantFile) -> None:
        """Write a tenant's own data (name, currency, zone...) and the hash of its file."""
        values = _columns_of(described) | {"file_hash": described.hash or None}
        connection.execute(
            update(_TENANT)
            .where(_TENANT.c.tenant_id == tenant_id)
            .values(**values, version=_TENANT.c.version + 1)
        )

    def file_hash(self, tenant_id: int, connection: Connection | None = None) -> str | None:
        """Return the hash of the file that was applied last."""
        query = select(_TENANT.c.file_hash).where(_TENANT.c.tenant_id == tenant_id)
        if connection is not None:
            return connection.scalar(query)
        with self._database.system(read_only=True) as own:
            return own.scalar(query)

    def checked_settings(self, plugin: str, values: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Validate settings against the plugin's schema and return them in stored form."""
        manifest = self._registry.manifests.get(plugin)
        if manifest is None:
            known = self._registry.optional
            raise InvalidInput(f"{where}: no plugin {plugin!r} is installed; {nearest(plugin, known)}")
        if manifest.settings is None:
            if values:
                raise InvalidInput(f"{where}: plugin {plugin!r} has no settings")
            return {}
        schema = manifest.settings(unknown=RAISE)
        for key in values:
            if key not in schema.fields:
                cure = nearest(key, list(schema.fields))
                raise InvalidInput(f"{where}.{key}: no such setting; {cure}", {key: ["Unknown."]})
        try:
            loaded = schema.load(dict(values))
        except ValidationError as error:
            fields = InvalidInput.of("settings", error).fields
            first = next(iter(fields))
            value = values.get(first)
            raise InvalidInput(f"{where}.{first}: {value!r}: {fields[first]}", fields) from error
        dumped: dict[str, Any] = schema.dump(loaded)
        return dumped

    def write_plugin(
        self, connection: Connection, tenant_id: int, plugin: str, choice: PluginChoice, by: str
    ) -> None:
        """Write one plugin's state for a tenant; `toggle` checks before it calls this."""
        values = {
            "is_enabled": choice.enabled,
            "is_required": choice.required,
            "settings": choice.settings,
            "changed_by": by,
            "changed_at": self._clock.now(),
        }
        at = (_PLUGIN.c.tenant_id == tenant_id) & (_PLUGIN.c.plugin == plugin)
        if connection.execute(update(_PLUGIN).where(at).values(**values)).rowcount == 0:
            connection.execute(insert(_PLUGIN).values(tenant_id=tenant_id, plugin=plugin, **values))
        connection.execute(
            update(_TENANT).where(_TENANT.c.tenant_id == tenant_id).values(version=_TENANT.c.version + 1)
        )

    def read_plugin(self, connection: Connection, tenant_id: int, plugin: str) -> PluginChoice:
        """Return one plugin's state for a tenant, from the database."""
        row = connection.execute(
            select(_PLUGIN).where(_PLUGIN.c.tenant_id == tenant_id, _PLUGIN.c.plugin == plugin)
        ).first()
        if row is None:
            return PluginChoice(enabled=False)
        return PluginChoice(enabled=row.is_enabled, required=row.is_required, settings=dict(row.settings))

    @staticmethod
    def _number_one_at_a_time(connection: Connection) -> None:
        # Processes that start together would give two tenants one number; SQLite has one writer anyway.
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_NUMBERING_LOCK)))

    def _insert(self, connection: Connection, tenant_id: int, described: TenantFile) -> None:
        connection.execute(
            insert(_TENANT).values(
                tenant_id=tenant_id,
                **_columns_of(described),
                version=1,
                is_active=True,
                created_at=self._clock.now(),
            )
        )


def _columns_of(described: TenantFile) -> dict[str, Any]:
    names = ("code", "name", "country", "currency", "locale", "time_zone", "rounding", "currencies")
    return {name: getattr(described, name) for name in names}
