"""Markets for tests: published through the plugin's own door, priced as the test says."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from pitboss.plugins.betting.markets import publishing
from pitboss.plugins.betting.markets.publishing import Wanted
from pitboss.plugins.betting.markets.reading import Book


def publish(
    ctx: Any, fixture_id: UUID, template: str = "match_result", line: str = "", **odds: str | float
) -> Book:
    """Publish an open market by codes and odds: `publish(ctx, id, home="1.88", draw="3.14", away="4.71")`."""
    return open_book(ctx, fixture_id, template, line, {code: str(price) for code, price in odds.items()})


def open_book(
    ctx: Any, fixture_id: UUID, template: str, line: str, odds: Mapping[str, str], **more: Any
) -> Book:
    """Publish a market whose codes are no names of Python."""
    priced = {code: Decimal(price) for code, price in odds.items()}
    return publishing.publish(ctx, fixture_id, Wanted(template=template, line=line, odds=priced, **more))


def race(ctx: Any, fixture_id: UUID, world: Any, **odds: str) -> Book:
    """Publish the winner market of a race by the names of its runners: `race(ctx, id, world, A="9")`."""
    by_id = {world.participant(fixture_id, name)["id"]: price for name, price in odds.items()}
    return open_book(ctx, fixture_id, "winner", "", by_id)


def selection(book: Book, code: str) -> UUID:
    """Return the id of a selection by its code, or by its name."""
    found: UUID = next(one.id for one in book.selections if code in (one.code, one.name))
    return found
