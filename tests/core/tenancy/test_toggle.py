"""Switching plugins on and off: checked, told in the same transaction, and soon seen everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from pitboss.core import audit
from pitboss.core.errors import Conflict, InvalidInput, TenantBreach
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant, TenantPluginRow, Tenants
from pitboss.core.tenancy.tenants import CACHE_SECONDS
from pitboss.core.tenancy.toggle import configure, disable, enable, require

PLUGIN = TenantPluginRow.__table__


def actions(kernel: Kernel, tenant: Tenant) -> list[str]:
    with kernel.context(tenant.id) as ctx:
        return list(ctx.session.scalars(select(audit.AuditEntry.action).order_by(audit.AuditEntry.id)))


def now(kernel: Kernel, tenant: Tenant) -> Tenant:
    kernel.tenants.forget(tenant.id)
    return kernel.tenants.get(tenant.id)


def test_a_plugin_waits_for_what_it_needs(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> None:
    with kernel.context(make_tenant().id) as ctx:
        message = r"plugin 'golf' needs the term 'club.opened': first enable one of \['club'\]"
        with pytest.raises(Conflict, match=message):
            enable(ctx, "golf")


def test_a_plugin_stays_while_another_needs_it(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> None:
    with kernel.context(make_tenant("club", "golf").id) as ctx:
        message = "plugin 'golf' needs the term 'club.opened' of it: first disable 'golf'"
        with pytest.raises(Conflict, match=message):
            disable(ctx, "club")


def test_a_required_plugin_cannot_be_switched_off(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> None:
    with kernel.context(make_tenant("club").id) as ctx:
        require(ctx, "club", is_required=True)
        with pytest.raises(Conflict, match="'club' is required for this tenant and cannot be switched off"):
            disable(ctx, "club")
        require(ctx, "club", is_required=False)
        disable(ctx, "club")


@pytest.mark.parametrize("change", [enable, disable])
def test_the_platform_cannot_be_switched(change: Any, kernel: Kernel, tenant: Tenant) -> None:
    with (
        kernel.context(tenant.id) as ctx,
        pytest.raises(InvalidInput, match="'core' is part of the platform"),
    ):
        change(ctx, "core")


def test_a_plugin_that_is_not_installed_names_the_nearest(kernel: Kernel, tenant: Tenant) -> None:
    with kernel.context(tenant.id) as ctx, pytest.raises(InvalidInput, match="did you mean 'golf'"):
        enable(ctx, "gofl")


def test_a_plugin_is_told_in_the_transaction_of_the_toggle(
    kernel: Kernel, make_tenant: Callable[..., Tenant]
) -> None:
    tenant = make_tenant()
    with kernel.context(tenant.id) as ctx:
        enable(ctx, "club")
        disable(ctx, "club")

    assert actions(kernel, tenant) == ["plugin.enabled", "club.told_on", "club.told_off", "plugin.disabled"]


def test_a_plugin_that_fails_to_prepare_stays_off(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant()
    with kernel.context(tenant.id) as ctx:
        configure(ctx, "club", {"dress_code": "none"})
    kernel.tenants.forget()

    with pytest.raises(RuntimeError, match="dress code"), kernel.context(tenant.id) as ctx:
        enable(ctx, "club")

    assert "club" not in now(kernel, tenant).enabled
    assert actions(kernel, tenant) == ["plugin.configured"]


def test_what_fails_after_a_toggle_takes_it_back(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant()

    ctx = kernel.context(tenant.id)
    enable(ctx, "club")
    ctx.__exit__(ZeroDivisionError, ZeroDivisionError(), None)

    assert "club" not in now(kernel, tenant).enabled
    assert actions(kernel, tenant) == []


def test_the_rest_of_the_transaction_lives_in_the_new_state(
    kernel: Kernel, make_tenant: Callable[..., Tenant]
) -> None:
    with kernel.context(make_tenant().id) as ctx:
        assert "club.opened" not in ctx.view.terms
        enable(ctx, "club")
        assert "club.opened" in ctx.view.terms
        enable(ctx, "golf")


def test_a_toggle_judges_by_the_database_not_by_the_cache(
    kernel: Kernel, make_tenant: Callable[..., Tenant]
) -> None:
    """Another process switched golf on a moment ago: club must not go off under it."""
    tenant = make_tenant("club")
    stale = kernel.context(tenant.id)
    with kernel.context(tenant.id) as ctx:
        enable(ctx, "golf")

    with pytest.raises(Conflict, match="first disable 'golf'"), stale:
        disable(stale, "club")


class Seconds:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def other_process(kernel: Kernel) -> tuple[Tenants, Seconds]:
    seconds = Seconds()
    return Tenants(kernel.database, kernel.registry, kernel.clock, monotonic=seconds), seconds


def test_another_process_sees_a_toggle_in_time(
    kernel: Kernel, make_tenant: Callable[..., Tenant], other_process: tuple[Tenants, Seconds]
) -> None:
    tenants, seconds = other_process
    tenant = make_tenant()
    assert "club" not in tenants.get(tenant.id).enabled
    with kernel.context(tenant.id) as ctx:
        enable(ctx, "club")

    seconds.now = CACHE_SECONDS - 0.1
    assert "club" not in tenants.get(tenant.id).enabled
    seconds.now = CACHE_SECONDS
    assert "club" in tenants.get(tenant.id).enabled


def test_toggles_are_seen_within_five_seconds() -> None:
    assert CACHE_SECONDS < 5


def test_within_its_time_a_cached_tenant_costs_no_query(
    kernel: Kernel, make_tenant: Callable[..., Tenant], other_process: tuple[Tenants, Seconds]
) -> None:
    tenants, _ = other_process
    tenant = make_tenant()

    assert tenants.get(tenant.id) is tenants.get(tenant.id)


# -- settings ----------------------------------------------------------------------------------


def test_settings_are_kept_with_the_schemas_defaults(
    kernel: Kernel, make_tenant: Callable[..., Tenant]
) -> None:
    tenant = make_tenant("club")
    with kernel.context(tenant.id) as ctx:
        configure(ctx, "club", {"holes": 9})

    assert now(kernel, tenant).settings["club"] == {"holes": 9, "dress_code": "smart", "opens_at": None}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hole": 9}, "plugins.club.settings.hole: no such setting; did you mean 'holes'?"),
        ({"holes": 0}, "plugins.club.settings.holes: 0: ['Must be greater than or equal to 1"),
        ({"holes": "many"}, "plugins.club.settings.holes: 'many': ['Not a valid integer.']"),
        ({"opens_at": "noon"}, "plugins.club.settings.opens_at: 'noon': ['Not a valid time.']"),
    ],
)
def test_wrong_settings_name_key_value_and_rule(
    kernel: Kernel, tenant: Tenant, values: dict[str, Any], message: str
) -> None:
    with kernel.context(tenant.id) as ctx, pytest.raises(InvalidInput) as refusal:
        configure(ctx, "club", values)

    assert str(refusal.value).startswith(message)
    assert list(refusal.value.fields) == list(values)


def test_settings_of_an_older_schema_still_load(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> None:
    """What no longer fits is left out, and the rest stays."""
    tenant = make_tenant("club")
    old = {"holes": 36, "dress_code": "tweed", "smoking_room": True}
    with kernel.database.system() as connection:
        mine = PLUGIN.c.tenant_id == tenant.id
        connection.execute(update(PLUGIN).where(mine, PLUGIN.c.plugin == "club").values(settings=old))

    assert now(kernel, tenant).settings["club"]["dress_code"] == "tweed"
    assert "smoking_room" not in now(kernel, tenant).settings["club"]
    assert now(kernel, tenant).settings["club"].get("holes") != 36


def test_a_plugin_that_was_uninstalled_leaves_the_tenant_working(
    kernel: Kernel, make_tenant: Callable[..., Tenant]
) -> None:
    tenant = make_tenant("club")
    with kernel.database.system() as connection:
        mine = PLUGIN.c.tenant_id == tenant.id
        connection.execute(update(PLUGIN).where(mine).values(plugin="gone"))

    assert "gone" not in now(kernel, tenant).enabled


def test_a_unit_of_work_stays_in_its_tenant(kernel: Kernel, make_tenant: Callable[..., Tenant]) -> None:
    one, two = make_tenant("club"), make_tenant()

    with kernel.context(two.id) as ctx:
        with pytest.raises(TenantBreach, match="the tenant of a unit of work is fixed"):
            ctx.tenant = one
        assert ctx.session.scalars(select(TenantPluginRow.plugin)).all() == []
