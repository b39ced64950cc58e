"""Where someone signs in from, and units of work that outlive a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitboss.core.errors import PitbossError
from pitboss.core.identity.tables import ADDRESS_CHARACTERS_MAX, DEVICE_CHARACTERS_MAX

if TYPE_CHECKING:
    from pitboss.core.context import Context


@dataclass(frozen=True, slots=True)
class Visitor:
    """The address and the device of whoever is at the door."""

    address: str = ""
    device: str = ""

    def as_columns(self) -> dict[str, str]:
        """Return what tables store of it."""
        return {
            "address": self.address[:ADDRESS_CHARACTERS_MAX],
            "device": "".join(c for c in self.device if c.isprintable())[:DEVICE_CHARACTERS_MAX],
        }


NOWHERE = Visitor()


@contextmanager
def apart(ctx: Context) -> Iterator[Context]:
    """Open a unit of work of the same tenant whose result stays although the caller is refused.

    A failed attempt must be remembered, and a password must be hashed while no transaction is open: on
    SQLite an open one holds up every writer.
    """
    if ctx.is_begun:
        raise PitbossError("sign-ins keep what they find: call them before anything else in a unit of work")
    with ctx.kernel.context(ctx.tenant.id, ctx.actor, request_id=ctx.request_id) as own:
        yield own
