"""Counts for pages: how many rows there are, up to where nobody counts on, and what of them waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from pitboss.core.contracts import Concern
from pitboss.core.texts import ngettext, number

if TYPE_CHECKING:
    from pitboss.core.context import Context

COUNTED_MAX = 10_000
"""Counting stops here and shows a plus: no page reads a whole table."""


def some(ctx: Context, table: Any, *conditions: Any) -> int:
    """Return how many rows of a table there are, or one more than is counted."""
    rows = select(1).where(table.c.tenant_id == ctx.tenant.id, *conditions).limit(COUNTED_MAX + 1)
    return int(ctx.connection.scalar(select(func.count()).select_from(rows.subquery())) or 0)


def shown(count: int) -> str:
    """Write a count as the language of this request does."""
    return f"{number(COUNTED_MAX)}+" if count > COUNTED_MAX else number(count)


def waiting(
    count: int, named: tuple[str, str], text: str, url: str, link: str, *, is_grave: bool = False
) -> Iterator[Concern]:
    """Yield that so many things wait for a person, if any do: `named` is what they are called, marked."""
    if count:
        yield Concern(ngettext(*named, count, count=shown(count)), text, url, link, is_grave)
