"""The demo of sports, served to a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from pitboss.core.tenancy.toggle import enable
from pitboss.plugins.sports import demo
from pitboss.plugins.sports.catalogue import aliases
from pitboss.plugins.sports.fixtures import book
from tests.e2e.conftest import chrome, cookies, open_page
from tests.e2e.conftest import site as plain_site
from tests.plugins.sports.browser.words import CSV

__all__ = ["chrome", "cookies", "open_page", "plain_site"]


@pytest.fixture(scope="module")
def site(plain_site) -> Any:
    """The scene, with the demo of sports in its tenant."""
    kernel, tenant = plain_site.kernel, plain_site.scene.tenant
    with kernel.context(tenant.id) as ctx:
        enable(ctx, "sports")
    kernel.tenants.forget()
    with kernel.context(tenant.id, actor_name="demo") as ctx:
        demo.load_demo(ctx)
    return plain_site


@pytest.fixture(scope="module")
def paths(site) -> list[str]:
    """Every page of the plugin, with each kind of fixture."""
    from pitboss.plugins.sports.sources.imports import book as imports

    with site.kernel.context(site.scene.tenant.id) as ctx:
        rows = book.list_fixtures(ctx, limit=200)
        kinds = {(row.sport, row.status): row.id for row in rows}
        team = aliases.look_up(ctx, "team", "football", ["Arsenal"])["Arsenal"]
        item = imports.upload(ctx, "fixtures", "fixtures.csv", CSV).id
    fixed = ["", "?show=all", "?show=confirm", "competitions", "teams", f"teams/{team}?other=che", "imports"]
    pages = [*fixed, f"imports/{item}", *(f"fixtures/{one}" for one in kinds.values())]
    return [f"/admin/sports/{page}" for page in pages]
