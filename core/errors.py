"""Every error that a caller of the kernel may catch.

    PitbossError
    ├── ConfigError            a setting or tenant file is wrong
    ├── PluginError            a plugin broke its contract
    ├── InvalidInput      422  what was sent does not fit; carries one message per field
    ├── NotAuthenticated  401
    ├── Forbidden         403
    ├── Refused           403  guards said no; carries their reasons
    ├── NotFound          404
    │   └── TermMissing   404  no switched-on plugin provides the term
    ├── Conflict          409
    │   ├── InsufficientFunds  a floored account cannot pay
    │   ├── KeyReused     422  an idempotency key came back with another body
    │   └── Stale         412  the row changed since the caller read it
    ├── TooMany           429  a rate or quota is used up
    ├── Unavailable       503  a needed service does not answer
    └── TenantBreach      500  code tried to leave its tenant

The numbers are HTTP statuses: the edge turns any of these into a problem document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pitboss.core.texts import marked

if TYPE_CHECKING:
    from marshmallow import ValidationError

LISTED_MAX = 40
"""How many known names a message lists."""


class PitbossError(Exception):
    """The message names the thing, the value and the cure, for the person who reads it."""

    status: ClassVar[int] = 500
    details: Mapping[str, Any] = MappingProxyType({})
    """What a program needs to go on, such as the price that is valid now; plain JSON."""

    def with_details(self, **details: Any) -> Self:
        """Add what a program needs to go on; returns itself."""
        self.details = {**self.details, **details}
        return self


class ConfigError(PitbossError):
    """Refuse to start, or to apply, a wrong setting."""


class PluginError(PitbossError):
    """Name the plugin and the rule of the contract that it broke."""


class InvalidInput(PitbossError):
    """Carry one message per field, as marshmallow nests them."""

    status = 422

    def __init__(self, message: str, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})

    @classmethod
    def of(cls, what: str, error: ValidationError) -> InvalidInput:
        """Say what a marshmallow schema found wrong with a thing."""
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]  # theirs
        return cls(f"{what}: {'; '.join(_sentences(messages))}", messages)


class NotAuthenticated(PitbossError):
    """Ask who is there."""

    status = 401


class Forbidden(PitbossError):
    """Say that this actor may not do this."""

    status = 403


class Refused(PitbossError):
    """Carry the reasons of the guards that refused an operation."""

    status = 403

    def __init__(self, operation: str, reasons: Sequence[str]) -> None:
        super().__init__(marked(f"{operation} is refused: {'; '.join(reasons)}"))
        self.operation = operation
        self.reasons = tuple(reasons)


class NotFound(PitbossError):
    """Say that there is no such thing for this tenant."""

    status = 404


class TermMissing(NotFound):
    """Say that no plugin of this tenant provides the term."""


class Conflict(PitbossError):
    """Say that the state of things does not allow it now."""

    status = 409


class InsufficientFunds(Conflict):
    """Say that an account would fall below its floor."""


class KeyReused(Conflict):
    """Say that the idempotency key belongs to another request."""

    status = 422


class Stale(Conflict):
    """Say that the caller's version is no longer the current one."""

    status = 412


class TooMany(PitbossError):
    """Say when to try again."""

    status = 429

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(PitbossError):
    """Say that a needed service does not answer now."""

    status = 503


class TenantBreach(PitbossError):
    """Stop code that reaches for another tenant's rows."""


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the cure for a misspelt name: the nearest known one, or the list of them.

    >>> nearest("tme_zone", ["time_zone", "currency"])
    "did you mean 'time_zone'?"
    """
    close = get_close_matches(word, known, n=1)
    if close:
        return marked(f"did you mean {close[0]!r}?")
    listed = ", ".join(sorted(known)[:LISTED_MAX]) or "none"
    more = len(known) - LISTED_MAX
    return marked(f"known: {listed} and {more} more") if more > 0 else marked(f"known: {listed}")


def _sentences(messages: Any, path: str = "") -> Iterator[str]:
    """Yield what marshmallow nests by field as `field.part: sentence`.

    >>> list(_sentences({"legs": {0: {"odds": ["Not a number."]}}, "_schema": ["Odd."]}))
    ['legs.0.odds: Not a number', 'Odd']
    """
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            here = path if name == "_schema" else f"{path}.{name}".lstrip(".")
            yield from _sentences(inner, here)
        return
    for sentence in messages if isinstance(messages, list) else [messages]:
        said = str(sentence).rstrip(".")
        yield f"{path}: {said}" if path else said
