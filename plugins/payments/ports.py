"""The port for providers: what they are asked, what they answer, and how one is found by its name.

A provider is what a plugin's Function term returns, and the tenant's setting `providers` names that term:
so a plugin of anybody adds one through `register_terms`, and imports nothing of this plugin. It takes the
frozen objects below, and answers plain mappings of the shapes `Described`, `News` and `Line`, which are
checked here. Every call that moves money carries a key: the same key must be done once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, PluginError, nearest
from pitboss.core.texts import marked
from pitboss.plugins.payments.cards import without_cards
from pitboss.plugins.payments.models import REASON_LENGTH_MAX, REFERENCE_LENGTH_MAX

NAME = "payments"
TOKEN_LENGTH_MAX = 500
CALLBACK_NEWS_MAX = 100
"""News in one callback."""

NewsKind = Literal[
    "pending",
    "action_required",
    "completed",
    "failed",
    "expired",
    "refunded",
    "charged_back",
    "reinstated",
]
MethodKind = Literal["card", "bank", "wallet", "other"]
LineKind = Literal["deposit", "withdrawal", "refunded", "charged_back", "reinstated"]
Reference = Annotated[str, Meta(min_length=1, max_length=REFERENCE_LENGTH_MAX)]
Minor = Annotated[int, Meta(gt=0, le=10**15)]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodAsked:
    """A method that a player wants to add."""

    provider: str
    player_id: UUID
    kind: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAsked:
    """A payment that a provider is asked about."""

    id: UUID
    key: str
    """Do what is asked under this key once, however often it is asked."""
    provider: str
    kind: str
    state: str
    amount: int
    currency: str
    token: str
    player_id: UUID
    reference: str | None
    created_at: datetime
    return_url: str = ""


class Described(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a provider says of a token."""

    kind: MethodKind
    masked: Annotated[str, Meta(min_length=1, max_length=40)]
    identity: Annotated[str, Meta(min_length=1, max_length=500)]
    """What stays the same for the same card or account; only its fingerprint is kept."""
    is_verified: bool = False
    """Whether the provider has proved that it belongs to the player."""
    can_receive: bool = True


class News(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a provider says became of a payment, as an answer or by itself."""

    kind: NewsKind
    id: Reference = ""
    """The provider's id of the news, where it tells of it by itself."""
    payment_id: UUID | None = None
    reference: Reference | None = None
    amount: Minor | None = None
    currency: str | None = None
    reason: str = ""
    reversal: Reference | None = None
    """The provider's name of a refund or dispute; `reinstated` names the one that it undoes."""
    action: dict[str, str] | None = None
    """What the player has to do: `type` is redirect or instructions, with `url` or `text`."""

    def said(self) -> str:
        """Return the reason, short and without anything that looks like a card number."""
        return without_cards(self.reason)[:REASON_LENGTH_MAX]


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of a provider's statement."""

    reference: Reference
    kind: LineKind
    amount: Minor
    currency: str
    at: datetime | None = None


class Provider(Protocol):
    """What a provider can do; each method may raise, and nothing is booked then."""

    is_manual: bool
    """Whether operators confirm receipts and pay-outs by hand."""

    def describe(self, ctx: Context, asked: MethodAsked) -> Mapping[str, Any]:
        """Say what a token stands for (`Described`), or raise InvalidInput."""

    def deposit(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:
        """Begin to take money; answer `News`."""

    def pay_out(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:
        """Begin to send money; answer `News`."""

    def refund(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:
        """Send back the amount asked of the deposit with this reference; answer `News`."""

    def read_callback(self, ctx: Context, headers: Mapping[str, str], body: bytes) -> Sequence[Any]:
        """Check the signature over the raw bytes, and return what is said (`News`), each with its id.

        Raise NotAuthenticated where the signature is wrong.
        """

    def poll(self, ctx: Context, asked: Sequence[PaymentAsked]) -> Sequence[Any]:
        """Say what became of payments that are under way or new (`News`), for lost callbacks."""

    def statement(self, ctx: Context, name: str, since: datetime, until: datetime) -> Sequence[Any] | None:
        """Return the rows of a period (`Line`), or None where a statement is only uploaded."""


def providers(ctx: Context) -> list[Mapping[str, Any]]:
    """Return the tenant's settings of all its providers."""
    return list(ctx.settings(NAME)["providers"])


def configured(ctx: Context, name: str, *, for_new: bool = False) -> Mapping[str, Any]:
    """Return the tenant's settings of a provider; what is switched off is there for old payments alone."""
    known = {provider["name"]: provider for provider in providers(ctx)}
    if name not in known:
        message = marked(f"no provider {name!r}: {nearest(name, list(known))}")
        raise InvalidInput(f"provider: {message}", {"provider": [message]})
    if for_new and not known[name]["is_enabled"]:
        message = marked(f"{name!r} takes no new payments now: choose another")
        raise InvalidInput(f"provider: {message}", {"provider": [message]})
    return known[name]


def provider_of(ctx: Context, name: str) -> Provider:
    """Return the provider behind a name of the tenant's."""
    found: Provider = ctx.value(configured(ctx, name)["term"])
    return found


def check(kind: type[T], provider: str, answer: Any) -> T:
    """Read what a provider answered, or raise PluginError that says where it breaks the port."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        # What it answered may stand in the message, and that is logged.
        said = without_cards(str(error))
        raise PluginError(f"provider {provider!r} answered no {kind.__name__}: {said}") from None
