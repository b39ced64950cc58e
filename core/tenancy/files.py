"""Read config/tenants/<code>.toml; an error names the file, the key and the nearest valid key."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pitboss.core.countries import country_codes
from pitboss.core.errors import ConfigError, nearest
from pitboss.core.money import CURRENCIES, ROUNDING_RULES
from pitboss.core.texts import marked

CODE = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
_TYPES: dict[str, tuple[type, str]] = {
    "str": (str, 'text in quotes, such as "EUR"'),
    "bool": (bool, "true or false"),
    "dict": (dict, "a table"),
}
_PLUGIN_KEYS = ("enabled", "required", "settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginChoice:
    """What a tenant's file says about one plugin."""

    enabled: bool = True
    required: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFile:
    """One tenant as its file describes it."""

    code: str
    name: str
    country: str = "GB"
    currency: str = "EUR"
    locale: str = "en"
    time_zone: str = "UTC"
    rounding: str = "half_up"
    demo: bool = False
    """Load demo data and logins into it at `pitboss up`."""
    currencies: dict[str, int] = field(default_factory=dict)
    plugins: dict[str, PluginChoice] = field(default_factory=dict)
    hash: str = ""
    path: str = ""


def read_tenant_files(folder: Path) -> list[TenantFile]:
    """Read every tenant file of a config folder, in the order of their names."""
    return [read_tenant_file(path) for path in sorted((folder / "tenants").glob("*.toml"))]


def read_tenant_file(path: Path) -> TenantFile:
    """Read one tenant file."""
    text = path.read_text("utf-8")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    known = [f.name for f in fields(TenantFile) if f.name not in ("code", "hash", "path")]
    for key, value in document.items():
        if key not in known:
            raise ConfigError(f"{path}: {key}: no such key; {nearest(key, known)}")
        _check_type(f"{path}: {key}", value, TenantFile, key)
    if "name" not in document:
        raise ConfigError(f'{path}: name is missing: add name = "..."')
    plugins = {name: _plugin_choice(path, name, table) for name, table in document.pop("plugins", {}).items()}
    tenant = TenantFile(
        code=path.stem,
        plugins=plugins,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        path=str(path),
        **document,
    )
    for problem in problems_of(tenant):
        raise ConfigError(f"{path}: {problem}")
    return tenant


def problems_of(tenant: TenantFile) -> list[str]:
    """Return a sentence for each value of a tenant that does not hold."""
    found = []
    if not CODE.fullmatch(tenant.code):
        found.append(marked(f"code: {tenant.code!r} must be 3 to 40 of a-z, 0-9 and -"))
    if tenant.country not in country_codes():
        found.append(marked(f"country: {tenant.country!r} is not an ISO 3166 code such as GB"))
    bad = {c: p for c, p in tenant.currencies.items() if type(p) is not int or not 0 <= p <= 6}
    if bad:
        found.append(marked(f"currencies: {bad} must give 0 to 6 decimal places"))
    known = [*CURRENCIES, *tenant.currencies]
    if tenant.currency not in known:
        found.append(marked(f"currency: unknown {tenant.currency!r}; {nearest(tenant.currency, known)}"))
    if tenant.rounding not in ROUNDING_RULES:
        cure = nearest(tenant.rounding, list(ROUNDING_RULES))
        found.append(marked(f"rounding: unknown {tenant.rounding!r}; {cure}"))
    try:
        ZoneInfo(tenant.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found.append(marked(f"time_zone: unknown {tenant.time_zone!r}; write one such as Europe/London"))
    return found


def _plugin_choice(path: Path, name: str, table: Any) -> PluginChoice:
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: plugins.{name} must be a table: write [plugins.{name}]")
    for key, value in table.items():
        if key not in _PLUGIN_KEYS:
            raise ConfigError(f"{path}: plugins.{name}.{key}: no such key; {nearest(key, _PLUGIN_KEYS)}")
        _check_type(f"{path}: plugins.{name}.{key}", value, PluginChoice, key)
    return PluginChoice(**table)


def _check_type(where: str, value: Any, owner: type, key: str) -> None:
    kind = next(f.type for f in fields(owner) if f.name == key)
    expected, words = _TYPES["dict" if str(kind).startswith("dict") else str(kind)]
    if type(value) is not expected:
        raise ConfigError(f"{where}: {value!r} is not valid: write {words}")
