"""Who may call a view: declared beside it, read once by the gate when the application is built.

Each view needs exactly one of `public`, `signed_in`, `player_only`, `requires` and `platform_only`; a
blueprint may give one to all of its views. An application with an undeclared view does not start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from pitboss.core.errors import Forbidden, NotAuthenticated
from pitboss.core.identity.principal import Principal

Who = Literal["public", "signed_in", "player", "staff", "platform"]
PLATFORM_ID = 0
View = TypeVar("View", bound=Callable[..., Any])

_ACCESS, _KEYED, _UNKEPT = "pitboss_access", "pitboss_keyed", "pitboss_unkept"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call, and what they must be allowed to do."""

    who: Who
    permissions: frozenset[str] = field(default_factory=frozenset)

    def check(self, actor: Principal) -> None:
        """Raise Forbidden, or NotAuthenticated, unless the actor may pass."""
        if self.who == "player":
            actor.player_id  # noqa: B018 - raises for anyone but a player
        elif self.who == "platform" and not is_platform(actor):
            raise Forbidden("this is for operators of the platform")
        elif self.who == "staff" and actor.kind == "player":
            raise Forbidden("this is not for players")
        for permission in self.permissions:
            actor.require(permission)

    def also(self, permission: str | None) -> Access:
        """Return this access with one more permission, where staff is meant."""
        if permission is None or self.who not in ("staff", "platform"):
            return self
        return replace(self, permissions=self.permissions | {permission})


def public(view: View) -> View:
    """Let anyone call; `current()` needs the header X-Tenant then."""
    return _mark(view, _ACCESS, Access("public"))


def signed_in(view: View) -> View:
    """Let any known caller call: a player, an operator or an API key."""
    return _mark(view, _ACCESS, Access("signed_in"))


def player_only(view: View) -> View:
    """Let players call, each for themselves."""
    return _mark(view, _ACCESS, Access("player"))


def requires(*permissions: str) -> Callable[[View], View]:
    """Let operators and API keys call that hold all of these permissions."""
    return lambda view: _mark(view, _ACCESS, Access("staff", frozenset(permissions)))


def platform_only(*permissions: str) -> Callable[[View], View]:
    """Let operators of the platform itself call, with these permissions."""
    return lambda view: _mark(view, _ACCESS, Access("platform", frozenset(permissions)))


def keyed(view: View) -> View:
    """Refuse calls without an Idempotency-Key: what moves money is never done on a guess."""
    return _mark(view, _KEYED, True)


def answers_secret(view: View) -> View:
    """Never keep its answers for replays, because they carry a secret."""
    return _mark(view, _UNKEPT, True)


def commits_alone(view: View) -> View:
    """Keep no answers for replays, because it works in transactions of its own: make it idempotent itself."""
    return _mark(view, _UNKEPT, True)


def access_of(view: Any, method: str) -> Access | None:
    """Return what a view declares for a method."""
    found: Access | None = _read(view, method, _ACCESS)
    return found


def is_keyed(view: Any, method: str) -> bool:
    """Tell whether a view demands an Idempotency-Key."""
    return bool(_read(view, method, _KEYED))


def is_unkept(view: Any, method: str) -> bool:
    """Tell whether a view's answers are never kept."""
    return bool(_read(view, method, _UNKEPT))


def is_platform(actor: Principal) -> bool:
    """Tell whether someone belongs to those who run the deployment."""
    home = actor.tenant_id if actor.home_id is None else actor.home_id
    return home == PLATFORM_ID and actor.kind != "player"


def signed_in_as(actor: Principal | None) -> Principal:
    """Return the caller, or raise NotAuthenticated."""
    if actor is None:
        raise NotAuthenticated("send 'Authorization: Bearer <token>' or 'X-Api-Key: <key>'")
    return actor


def _mark(view: View, name: str, value: object) -> View:
    setattr(view, name, value)
    return view


def _read(view: Any, method: str, name: str) -> Any:
    kind = getattr(view, "view_class", None)
    if kind is None:
        return getattr(view, name, None)
    function = getattr(kind, "get" if method == "HEAD" else method.lower(), None)
    found = getattr(function, name, None)
    return getattr(kind, name, None) if found is None else found
