"""The one who acts: what every operation is checked against and every audit entry names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pitboss.core.errors import Forbidden, NotAuthenticated

Kind = Literal["player", "operator", "api_key", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A player, an operator, an API key, or the platform itself."""

    kind: Kind
    tenant_id: int
    """The tenant that it acts in."""
    id: UUID | None = None
    name: str = ""
    permissions: frozenset[str] = frozenset()
    session_id: UUID | None = None
    home_id: int | None = None
    """The tenant that an operator belongs to, where it is another (the platform's)."""
    requests_per_minute: int | None = None
    """A limit of its own; None means the deployment's."""
    language: str | None = None
    """The language that an operator chose."""

    @property
    def label(self) -> str:
        """Return how audit entries name it: `operator:ann@acme.test`."""
        return f"{self.kind}:{self.name or self.id or 'pitboss'}"

    def may(self, permission: str) -> bool:
        """Tell whether it holds a permission; `*` holds all, `betting.*` all of one plugin."""
        owner = permission.split(".", 1)[0]
        return not self.permissions.isdisjoint((permission, f"{owner}.*", "*"))

    def require(self, permission: str) -> None:
        """Raise Forbidden without the permission."""
        if not self.may(permission):
            raise Forbidden(f"this needs the permission {permission!r}: ask an administrator")

    @property
    def player_id(self) -> UUID:
        """Return the player's id, or raise when it is no player."""
        if self.kind != "player" or self.id is None:
            raise NotAuthenticated("sign in as a player")
        return self.id


def system_principal(tenant_id: int, name: str = "pitboss") -> Principal:
    """Return the platform itself, acting in a tenant."""
    return Principal(kind="system", tenant_id=tenant_id, name=name, permissions=frozenset({"*"}))
