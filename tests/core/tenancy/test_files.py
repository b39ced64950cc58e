"""A tenant's file: what is wrong in it is named, and what is right is applied once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from pitboss.core import audit
from pitboss.core.errors import ConfigError, PitbossError
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import TenantTable, read_tenant_files
from pitboss.core.tenancy.files import read_tenant_file
from pitboss.core.tenancy.toggle import apply_file, configure, disable, enable
from tests.core.registry.plugins import plugin

TENANT = TenantTable.__table__
ALL_ON = """
name = "Links"
[plugins.cup]
[plugins.golf]
[plugins.club]
settings = {holes = 9}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    code = f"links-{uuid4().hex[:8]}"

    def write(text: str) -> Path:
        path = tmp_path / f"{code}.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def apply(kernel: Kernel, write: Callable[..., Path]) -> Callable[..., Any]:
    """Write a file, apply it, and return the tenant; `apply.changed` tells whether it did anything."""

    def apply(text: str) -> Any:
        described = read_tenant_file(write(text))
        apply.changed = apply_file(kernel, described)  # type: ignore[attr-defined]  # told to the test
        return kernel.tenants.by_code(described.code)

    return apply


def actions(kernel: Kernel, tenant_id: int) -> list[str]:
    with kernel.context(tenant_id) as ctx:
        return list(ctx.session.scalars(select(audit.AuditEntry.action).order_by(audit.AuditEntry.id)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('nmae = "Links"', "nmae: no such key; did you mean 'name'?"),
        ("", 'name is missing: add name = "..."'),
        ("name = 5", "name: 5 is not valid: write text in quotes"),
        ('name = "L"\ndemo = "no"', "demo: 'no' is not valid: write true or false"),
        ('name = "L"\nplugins = 3', "plugins: 3 is not valid: write a table"),
        ('name = "L"\ncurrency = "EURO"', "currency: unknown 'EURO'; did you mean 'EUR'?"),
        ('name = "L"\ncountry = "UK1"', "country: 'UK1' is not an ISO 3166 code such as GB"),
        ('name = "L"\ntime_zone = "Mars/North"', "time_zone: unknown 'Mars/North'"),
        ('name = "L"\nrounding = "half"', "rounding: unknown 'half'; did you mean 'half_up'?"),
        ('name = "L"\ncurrencies = {GEM = 9}', "currencies: {'GEM': 9} must give 0 to 6 decimal places"),
        ('name = "L"\n[plugins]\ngolf = true', "plugins.golf must be a table: write [plugins.golf]"),
        (
            'name = "L"\n[plugins.golf]\nenabeld = true',
            "plugins.golf.enabeld: no such key; did you mean 'enabled'?",
        ),
        (
            'name = "L"\n[plugins.golf]\nenabled = "yes"',
            "plugins.golf.enabled: 'yes' is not valid: write true or f",
        ),
        ("name = L", "Invalid value"),
    ],
)
def test_a_wrong_file_names_file_key_and_cure(write: Callable[..., Path], text: str, message: str) -> None:
    path = write(text)

    with pytest.raises(ConfigError) as refusal:
        read_tenant_file(path)

    assert str(refusal.value).startswith(f"{path}: ")
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[plugins.gofl]", "plugins.gofl: 'gofl' is not installed; did you mean 'golf'?"),
        ("[plugins.core]", "plugins.core: 'core' is part of the platform: it is always on"),
        (
            "[plugins.club]\nsettings = {hole = 9}",
            "plugins.club.settings.hole: no such setting; did you mean 'holes'?",
        ),
        (
            "[plugins.club]\nsettings = {holes = 19}",
            "plugins.club.settings.holes: 19: ['Must be greater than or eq",
        ),
        ("[plugins.golf]\nsettings = {x = 1}", "plugins.golf.settings: plugin 'golf' has no settings"),
    ],
)
def test_a_wrong_plugin_names_file_key_and_cure(
    kernel: Kernel, write: Callable[..., Path], text: str, message: str
) -> None:
    path = write(f'name = "Links"\n{text}')

    with pytest.raises(PitbossError) as refusal:
        apply_file(kernel, read_tenant_file(path))

    assert str(refusal.value).startswith(f"{path}: {message}")


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    for code in ("zeta", "alpha"):
        (tmp_path / "tenants" / f"{code}.toml").write_text(f'name = "{code}"')

    assert [file.code for file in read_tenant_files(tmp_path)] == ["alpha", "zeta"]


def test_a_file_switches_on_in_the_order_of_needs(kernel: Kernel, apply: Callable[..., Any]) -> None:
    tenant = apply(ALL_ON)

    assert tenant.enabled >= {"club", "golf", "cup"}
    assert tenant.settings["club"]["holes"] == 9


def test_a_file_switches_off_in_the_reverse_order(kernel: Kernel, apply: Callable[..., Any]) -> None:
    apply(ALL_ON)
    tenant = apply(
        'name = "Links"' + "".join(f"\n[plugins.{n}]\nenabled = false" for n in ("club", "golf", "cup"))
    )

    assert not tenant.enabled & {"club", "golf", "cup"}


def test_applying_a_file_twice_changes_nothing(kernel: Kernel, apply: Any) -> None:
    tenant = apply(ALL_ON)
    before = actions(kernel, tenant.id)

    again = apply(ALL_ON)

    assert not apply.changed
    assert again == tenant or again.version == tenant.version
    assert actions(kernel, tenant.id) == before


def test_applying_a_file_is_audited(kernel: Kernel, apply: Any) -> None:
    tenant = apply(ALL_ON)

    found = actions(kernel, tenant.id)
    assert found.count("plugin.enabled") == 3
    assert found.count("plugin.configured") == 1
    assert found[-1] == "tenant.file_applied"


def test_what_an_operator_changed_stays_until_the_file_changes(kernel: Kernel, apply: Any) -> None:
    tenant = apply(ALL_ON)
    with kernel.context(tenant.id) as ctx:
        disable(ctx, "cup")
        configure(ctx, "club", {"holes": 12})
    kernel.tenants.forget()

    kept = apply(ALL_ON)
    assert "cup" not in kept.enabled
    assert kept.settings["club"]["holes"] == 12

    changed = apply(ALL_ON + "# again")
    assert "cup" in changed.enabled
    assert changed.settings["club"]["holes"] == 9


def test_a_file_that_fails_changes_nothing(kernel: Kernel, apply: Any) -> None:
    tenant = apply(ALL_ON)

    with pytest.raises(PitbossError):
        apply('name = "Renamed"\n[plugins.cup]\nenabled = false\n[plugins.nobody]')

    assert kernel.tenants.get(tenant.id).name == "Links"
    assert "cup" in kernel.tenants.get(tenant.id).enabled


def test_a_file_of_a_tenant_that_is_switched_off_is_no_error(
    kernel: Kernel, apply: Any, write: Callable[..., Path]
) -> None:
    tenant = apply(ALL_ON)
    with kernel.database.system() as connection:
        mine = TENANT.c.tenant_id == tenant.id
        connection.execute(update(TENANT).where(mine).values(is_active=False))
    kernel.tenants.forget()

    assert apply_file(kernel, read_tenant_file(write(ALL_ON + "# again")))


def test_a_plugin_that_is_set_aside_does_not_stop_its_tenant(
    kernel: Kernel, write: Callable[..., Path]
) -> None:
    kernel.registry.add(plugin("tennis", register_tasks=lambda: None))
    described = read_tenant_file(write(ALL_ON + "[plugins.tennis]"))

    assert apply_file(kernel, described)
    assert not apply_file(kernel, described)
    assert "club" in kernel.tenants.by_code(described.code).enabled


def test_a_plugin_that_runs_again_is_applied(kernel: Kernel, write: Callable[..., Path]) -> None:
    described = read_tenant_file(write(ALL_ON + "[plugins.tennis]"))
    kernel.registry.add(plugin("tennis", register_tasks=lambda: None))
    apply_file(kernel, described)

    kernel.registry._set_aside.clear()
    kernel.registry.add(plugin("tennis"))

    assert apply_file(kernel, described)
    assert "tennis" in kernel.tenants.by_code(described.code).enabled


def test_enable_again_by_hand_is_no_change(kernel: Kernel, apply: Any) -> None:
    tenant = apply(ALL_ON)
    before = actions(kernel, tenant.id)

    with kernel.context(tenant.id) as ctx:
        enable(ctx, "cup")

    assert actions(kernel, tenant.id) == before
