"""Ask the parts of the admin that plugins bring: those that are open to an operator, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import structlog

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.webapp.admin.navigation import is_open

T = TypeVar("T")

log = structlog.get_logger(__name__)


def each(
    ctx: Context, part_of: Callable[[Routes], Callable[..., Iterable[T]] | None], *question: Any, limit: int
) -> Iterator[tuple[str, list[T]]]:
    """Yield the first answers of each plugin; one that fails has none, and others are asked all the same."""
    for owned in ctx.kernel.registry.all("register_routes"):
        ask = part_of(owned.item)
        if ask is not None and is_open(ctx, owned):
            yield owned.owner, _asked(ctx, owned.owner, partial(ask, ctx, *question), limit)


def _asked(ctx: Context, plugin: str, ask: Callable[[], Iterable[T]], limit: int) -> list[T]:
    try:
        with ctx.connection.begin_nested():
            return list(islice(ask(), limit))
    except Exception:
        log.exception("a part of the admin failed", plugin=plugin)
        return []
