"""A casino whose players are in segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from pitboss.core import facts
from pitboss.rules.segments.refresh import refresh
from pitboss.rules.segments.tables import MemberRow, PlayerRow
from tests.rules.casino import CasinoFacts
from tests.rules.runtime.conftest import candidates, live, lose, player, seen  # noqa: F401 - fixtures


@pytest.fixture
def known(kernel, tenant) -> Callable[..., None]:
    """Write facts of a player without an event: `known(player_id, net_loss=500)`."""

    def write(player_id: UUID, **values: Any) -> None:
        with kernel.context(tenant.id) as ctx:
            facts.write(ctx, player_id, CasinoFacts, **values)

    return write


@pytest.fixture
def refreshed(kernel, tenant, worker) -> Callable[[str], Any]:
    """Refresh a segment, and have what that causes done."""

    def now(key: str) -> Any:
        with kernel.context(tenant.id) as ctx:
            found = refresh(ctx, key)
        worker()
        return found

    return now


@pytest.fixture
def standing(kernel, tenant) -> Callable[[UUID], tuple[list[str], str | None]]:
    """Return what a player is in: all segments, and the one of highest priority."""

    def read(player_id: UUID) -> tuple[list[str], str | None]:
        with kernel.context(tenant.id) as ctx:
            row = ctx.session.scalar(select(PlayerRow).where(PlayerRow.player_id == player_id))
            return (row.segments, row.segment) if row is not None else ([], None)

    return read


@pytest.fixture
def stays(kernel, tenant) -> Callable[..., list[MemberRow]]:
    """Return the stays in segments, in order: `stays()`, or those of one player."""

    def read(player_id: UUID | None = None) -> list[MemberRow]:
        query = select(MemberRow).order_by(MemberRow.entered_at, MemberRow.segment)
        with kernel.context(tenant.id) as ctx:
            rows = ctx.session.scalars(query).all()
        return [row for row in rows if player_id in (None, row.player_id)]

    return read


@pytest.fixture
def sent(ctx) -> Callable[[], Any]:
    """See the statements that reach the database: `with sent() as statements:`."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        found: list[str] = []

        def see(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            found.append(statement)

        event.listen(ctx.connection, "before_cursor_execute", see)
        yield found
        event.remove(ctx.connection, "before_cursor_execute", see)

    return watch


def segment(key: str, when: Any, **more: Any) -> dict[str, Any]:
    """Return a segment of the players for whom a condition holds."""
    return {"kind": "segment", "key": key, "when": when, **more}
