"""The demo: loaded twice it is the same, and its books are sound."""

from __future__ import annotations

from sqlalchemy import func, select

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.demo import data
from pitboss.core.identity.tables import Player
from pitboss.core.ledger.tables import TransferRow


def counts(ctx: Context) -> tuple[int, int]:
    players = ctx.session.scalar(select(func.count()).select_from(Player))
    transfers = ctx.session.scalar(select(func.count()).select_from(TransferRow))
    return players or 0, transfers or 0


def test_loading_the_demo_twice_changes_nothing(ctx: Context) -> None:
    data.load(ctx)
    first = counts(ctx)

    data.load(ctx)

    assert counts(ctx) == first
    assert first[0] >= len(data.NAMES)
    assert not any(ledger.verify(ctx.connection).values())
