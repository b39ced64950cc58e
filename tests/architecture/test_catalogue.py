"""What stands in the catalogues of tables and of hooks keeps the laws."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Float

from pitboss.core import docs, hooks
from pitboss.core.database import Base
from pitboss.core.database.laws import broken_laws
from pitboss.core.registry import installed
from tests.architecture.house import ROOT

for candidate in installed():
    candidate.load()

MONEY = (
    "amount",
    "balance",
    "stake",
    "price",
    "fee",
    "payout",
    "deposit",
    "budget",
    "limit",
    "minor",
    "cost",
)
HOOKS_OF_THE_DESIGN = {
    "plugin_manifest",
    "register_terms",
    "register_listeners",
    "register_routes",
    "register_tasks",
    "register_commands",
    "register_health_checks",
    "tenant_enabled",
    "tenant_disabled",
    "load_demo",
    "identify",
}
SPECIFIED = {n for n in dir(hooks) if hasattr(getattr(hooks, n), f"{hooks.PROJECT}_spec")}


def columns() -> list[Column[object]]:
    return [column for table in Base.metadata.sorted_tables for column in table.columns]


def test_every_table_keeps_the_laws() -> None:
    assert [law for table in Base.metadata.sorted_tables for law in broken_laws(table)] == []


def test_no_money_is_a_float() -> None:
    floats = [c for c in columns() if isinstance(c.type, Float)]
    assert [str(c) for c in floats if any(word in c.name for word in MONEY)] == []


def test_the_hooks_are_those_of_the_design() -> None:
    """A new hook comes only with a shipped plugin that uses it, a docs heading and a test."""
    assert SPECIFIED == HOOKS_OF_THE_DESIGN


@pytest.mark.parametrize("name", sorted(SPECIFIED))
def test_every_hook_has_a_heading_with_its_signature(name: str) -> None:
    arguments = ", ".join(hooks.__dict__[name].__annotations__.keys() - {"return"})
    page = (ROOT / "docs" / "hooks.md").read_text("utf-8")
    heading = next((line for line in page.splitlines() if line.startswith(f"### `{name}(")), "")
    assert heading, f"docs/hooks.md has no heading for {name}: run `pitboss docs hooks`"
    assert all(word in heading for word in arguments.split(", ")), heading


@pytest.mark.parametrize("name", sorted(SPECIFIED))
def test_every_hook_tells_its_reader_what_it_is_for(name: str) -> None:
    assert (getattr(hooks, name).__doc__ or "").strip().endswith(".")


def test_the_page_of_hooks_is_current() -> None:
    page = ROOT / "docs" / "hooks.md"
    assert page.read_text("utf-8") == docs.hook_docs(), "run `pitboss docs hooks`"
