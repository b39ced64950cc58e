"""Facts: what is known of each player, kept current by the operations that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pitboss.core.contracts import Variable

if TYPE_CHECKING:
    from pitboss.core.context import Context


def read_variable(ctx: Context, variable: Variable) -> Any:
    """Return one variable of the context's subject."""
    raise LookupError((ctx.subject, variable.name))
