"""Deployment settings: defaults < config/pitboss.toml < environment, read once into a frozen object."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pitboss.core.errors import ConfigError, nearest

ENVIRONMENT_PREFIX = "PITBOSS_"
_PLAIN_NAMES = {
    "DATABASE_URL": "database_url",
    "REDIS_URL": "redis_url",
    "PROMETHEUS_MULTIPROC_DIR": "metrics_folder",
}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def default_config_folder() -> Path:
    """Return the folder with the shipped defaults and the demo tenant."""
    return Path(__file__).resolve().parent.parent / "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one deployment decides. Each field is a key of pitboss.toml and PITBOSS_<NAME>."""

    config: Path = field(default_factory=default_config_folder)
    """Folder with pitboss.toml and tenants/*.toml."""
    data: Path = Path("~/.local/share/pitboss")
    """Folder for the embedded database and secrets, when no DATABASE_URL is given."""
    database_url: str = ""
    """sqlite:///file or postgresql://...; empty means a SQLite file in the data folder."""
    database_owner_url: str = ""
    """The owner of the tables, for migrations; empty means database_url."""
    database_pool_size: int = 8
    """Connections that one process keeps open."""
    redis_url: str = ""
    """redis://...; empty means that the database carries the jobs."""
    secret: str = ""
    """Signs cursors and links and encrypts secrets at rest; empty means one made in the data folder."""
    previous_secrets: tuple[str, ...] = ()
    """Secrets of earlier times; what they encrypted can still be read."""
    host: str = "127.0.0.1"
    """Address that the embedded server binds to."""
    port: int = 8080
    """Port of the embedded server."""
    public_url: str = ""
    """The address that users see; empty means http://host:port."""
    web_threads: int = 8
    """Request threads of the embedded server."""
    worker_threads: int = 4
    """Job threads of one worker process."""
    safe_mode: bool = False
    """Start the core alone, without any plugin."""
    strict: bool = False
    """Refuse to start when any plugin fails to load, instead of setting it aside."""
    log_format: str = "console"
    """console or json."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    cors_origins: tuple[str, ...] = ()
    """Origins of browser apps that may call the API."""
    rate_limit_per_minute: int = 600
    """Requests a minute for each API key, player or address."""
    request_bytes_max: int = 1_000_000
    """The largest request body."""
    sse_connections_max: int = 100
    """Open event streams in one process."""
    trusted_proxies: int = 0
    """Proxies in front whose X-Forwarded-* headers are believed."""
    secure_cookies: bool = False
    """Send cookies over https only; switch on wherever the site is served by https."""
    email_url: str = ""
    """smtp://user:password@host:port, or empty to keep mails in the outbox only."""
    email_from: str = "Pitboss <no-reply@localhost>"
    """The sender of mails."""
    webhook_allow_private: bool = False
    """Let webhooks go to private addresses and over plain http; for tests and demonstrations."""
    metrics_folder: str = ""
    """Where the processes of one server share their metrics. Give it as PROMETHEUS_MULTIPROC_DIR, which
    the Prometheus client reads too; empty means that each process tells of itself alone."""
    deliveries_kept_days: int = 90
    """Webhook deliveries that are over are deleted after this; 0 keeps them for ever."""
    notifications_kept_days: int = 365
    """Notifications are deleted after this, read or not; 0 keeps them for ever."""
    metrics_token: str = ""
    """Bearer token that /metrics asks for; empty means loopback callers only."""

    @property
    def sqlalchemy_url(self) -> str:
        """Return the database's address, embedded or given."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{self.data.expanduser() / 'pitboss.sqlite3'}"

    @property
    def site_url(self) -> str:
        """Return the address that users see."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings of this process; overrides (from a command line) win."""
    env = dict(os.environ if environment is None else environment)
    from_env = dict(_from_environment(env))
    folder = Path(overrides.get("config") or from_env.get("config") or default_config_folder())
    values: dict[str, Any] = {"config": folder}
    for key, value in _from_file(folder / "pitboss.toml"):
        values[key] = value
    values |= from_env
    values |= {key: value for key, value in overrides.items() if value is not None}
    return Settings(**values)


def secret_of(settings: Settings) -> str:
    """Return the deployment's secret, made and kept in the data folder when none is given."""
    if settings.secret:
        return settings.secret
    if settings.database_url and not settings.sqlalchemy_url.startswith("sqlite"):
        raise ConfigError(
            "PITBOSS_SECRET is not set: with a shared database every process needs the same one; "
            "make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    path = settings.data.expanduser() / "secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()


def _from_file(path: Path) -> list[tuple[str, Any]]:
    if not path.exists():
        return []
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    return [_typed(key, value, f"{path}: {key}") for key, value in document.items()]


def _from_environment(env: Mapping[str, str]) -> list[tuple[str, Any]]:
    found = []
    # Ours come last, so that they win over the usual names of the same settings.
    for name, text in sorted(env.items(), key=lambda item: item[0].startswith(ENVIRONMENT_PREFIX)):
        key = _PLAIN_NAMES.get(name) or (
            name.removeprefix(ENVIRONMENT_PREFIX).lower()
            if name.startswith(ENVIRONMENT_PREFIX) and not name.startswith("PITBOSS_TEST_")
            else None
        )
        if key is not None:
            found.append(_typed(key, text, name))
    return found


def _typed(key: str, value: Any, where: str) -> tuple[str, Any]:
    known = {f.name: f for f in fields(Settings)}
    if key not in known:
        raise ConfigError(f"{where}: no such setting; {nearest(key, list(known))}")
    try:
        return key, _convert(str(known[key].type), value)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{where}: {value!r} is not valid: {error}") from error


def _convert(kind: str, value: Any) -> Any:
    if kind == "bool":
        return _as_bool(value)
    if kind == "int":
        if isinstance(value, (bool, float)):
            raise ValueError("a whole number is expected")
        return int(value)
    if kind.startswith("tuple"):
        return _as_texts(value)
    if not isinstance(value, str):
        raise ValueError("a path is expected" if kind == "Path" else "text is expected")
    return Path(value) if kind == "Path" else value


def _as_texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("a list of text is expected")


def _as_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise ValueError("write true or false")
