"""A plugin with facts of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import String, Uuid, event
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.clock import uuid7
from pitboss.core.contracts import Manifest, Variable, Window
from pitboss.core.database import Base, MinorUnits, TenantRow
from pitboss.core.hooks import hookimpl
from pitboss.core.identity.tables import Player
from pitboss.core.registry import Candidate, installed


class FactlabFacts(TenantRow, Base):
    """The plugin's own fact table."""

    __tablename__ = "factlab_facts"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    tier: Mapped[str | None] = mapped_column(String(20))
    net_loss: Mapped[int] = mapped_column(MinorUnits, default=0)


def _variable(noun: str, **source: Any) -> Variable:
    return Variable(name=f"factlab.{noun}", title=noun, doc=f"The {noun}.", type="number", **source)


def _window(noun: str, *arguments: Any, **more: Any) -> Variable:
    return _variable(noun, window=Window("factlab.deposit", *arguments), **more)


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(name="factlab", version="1", title="Fact laboratory")


@hookimpl
def register_terms() -> Sequence[Variable]:
    units = (("3h", 3, "hours"), ("1d", 1, "days"), ("7d", 7, "days"), ("2w", 2, "weeks"))
    return [
        _variable("tier", column=FactlabFacts.tier, default="bronze"),
        _variable("net_loss", column=FactlabFacts.net_loss),
        *(_window(f"sum_{name}", "sum", length, unit) for name, length, unit in units),
        _window("sum_all", "sum"),
        *(_window(f"{name}_all", name) for name in ("count", "min", "max", "last")),
        *(_window(f"{name}_7d", name, 7, "days") for name in ("count", "min", "max", "last")),
        _variable("doubled", compute=lambda ctx: 2 * ctx.value("factlab.sum_all")),
    ]


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    plugin = SimpleNamespace(plugin_manifest=plugin_manifest, register_terms=register_terms)
    return [*installed(safe_mode=True), Candidate("factlab", lambda: plugin)]


@pytest.fixture
def Facts() -> type[FactlabFacts]:
    return FactlabFacts


@pytest.fixture
def statements(ctx):
    """The statements that reached the database, as a list that grows."""
    seen: list[str] = []

    def see(connection, cursor, statement, *rest):
        seen.append(statement)

    event.listen(ctx.connection, "before_cursor_execute", see)
    return seen


@pytest.fixture
def players(ctx):
    """Register players: `players(3)` returns their ids, in order."""

    def register(count: int) -> list[UUID]:
        ids = sorted(uuid7() for _ in range(count))
        common = {"tenant_id": ctx.tenant.id, "display_name": "", "created_at": ctx.clock.now()}
        ctx.session.add_all(Player(id=i, email=f"{i}@acme.test", **common) for i in ids)
        ctx.session.flush()
        return ids

    return register
