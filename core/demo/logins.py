"""Demo tenants: who can sign in, and the data that the plugins load."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from pitboss.core.identity import demo_player, ensure_first_operator
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import PLATFORM_ID, Tenant, read_tenant_files

ADMIN_EMAIL = "admin@demo.test"
PLAYER_EMAIL = "player@demo.test"
PLATFORM_EMAIL = "platform@demo.test"
PLATFORM_CODE = "platform"
EMAILS = (ADMIN_EMAIL, PLAYER_EMAIL, PLATFORM_EMAIL)


@dataclass(frozen=True, slots=True)
class Login:
    """Someone who can sign in to a demo."""

    what: str
    tenant: str
    email: str
    password: str


def load_demo(kernel: Kernel) -> list[Login]:
    """Load every plugin's demo data into the demo tenants; loading twice changes nothing."""
    logins = []
    for code in codes(kernel):
        tenant = kernel.tenants.by_code(code)
        logins += _people(kernel, tenant)
        _data(kernel, tenant)
    return [*logins, _platform_operator(kernel)] if logins else []


def codes(kernel: Kernel) -> list[str]:
    """Return the codes of the tenants whose files say that they are demos."""
    return [described.code for described in read_tenant_files(kernel.settings.config) if described.demo]


def player_login(kernel: Kernel, code: str) -> Login | None:
    """Return who signs in as a player of a demo; None until the demo was loaded from this data folder."""
    if code not in codes(kernel) or not _path(kernel).exists():
        return None
    return Login("player", code, PLAYER_EMAIL, _passwords(kernel)[PLAYER_EMAIL])


def _data(kernel: Kernel, tenant: Tenant) -> None:
    for owner in kernel.registry.in_order(tenant.enabled):
        with kernel.context(tenant.id, actor_name="demo") as ctx:
            kernel.registry.tell(owner, "load_demo", ctx=ctx)


def _people(kernel: Kernel, tenant: Tenant) -> list[Login]:
    passwords = _passwords(kernel)
    logins = [
        Login("operator", tenant.code, ADMIN_EMAIL, passwords[ADMIN_EMAIL]),
        Login("player", tenant.code, PLAYER_EMAIL, passwords[PLAYER_EMAIL]),
    ]
    ensure_first_operator(kernel, tenant.id, ADMIN_EMAIL, passwords[ADMIN_EMAIL])
    demo_player(kernel, tenant.id, PLAYER_EMAIL, passwords[PLAYER_EMAIL])
    return logins


def _platform_operator(kernel: Kernel) -> Login:
    password = _passwords(kernel)[PLATFORM_EMAIL]
    ensure_first_operator(kernel, PLATFORM_ID, PLATFORM_EMAIL, password)
    return Login("platform", PLATFORM_CODE, PLATFORM_EMAIL, password)


def _passwords(kernel: Kernel) -> dict[str, str]:
    """Return the demo's passwords, made once for this data folder."""
    path = _path(kernel)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        made = {email: secrets.token_urlsafe(9) for email in EMAILS}
        path.write_text(json.dumps(made))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def _path(kernel: Kernel) -> Path:
    return kernel.settings.data.expanduser() / "demo-logins.json"
