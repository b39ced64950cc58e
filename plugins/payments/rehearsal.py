"""The test provider: no money, but all that a real one does, told by the token or by the last two digits.

It keeps books of its own (`payments_rehearsed`), so that a key is done once and its statement is no copy of
ours. Tokens: `tok_ok`, `tok_fail`, `tok_pending` (completes later), `tok_action` (sends the player to a
page), `tok_reverse` (is charged back later), `tok_lost` (completes and never tells), `tok_down` (does not
answer). A token that goes on, such as `tok_ok_4242`, is another card that does the same.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotAuthenticated, Unavailable
from pitboss.core.settings import Settings, secret_of
from pitboss.core.texts import marked
from pitboss.plugins.payments.models import RehearsedRow
from pitboss.plugins.payments.ports import MethodAsked, News, PaymentAsked

BEHAVIOURS = ("ok", "fail", "pending", "action", "reverse", "lost", "down")
BY_AMOUNT = {1: "fail", 2: "pending", 3: "action", 4: "reverse", 5: "lost"}
"""What the last two digits of an amount make of the token `tok_ok`: 10.01 fails."""
ANSWER_MINUTES = 2
"""How long what is pending takes."""
CHARGEBACK_MINUTES = 10
TOLERANCE_SECONDS = 300
"""How old a signed callback may be."""
TOKEN = re.compile(r"tok_([a-z]+)(?:_[A-Za-z0-9]{1,40})?")

_BOOK = RehearsedRow.__table__


@dataclass(frozen=True, slots=True)
class TestProvider:
    """A provider for demonstrations and tests."""

    __test__ = False

    is_manual: bool = False

    def describe(self, ctx: Context, asked: MethodAsked) -> Mapping[str, Any]:  # noqa: ARG002 - the port's
        match = TOKEN.fullmatch(asked.token)
        if match is None or match[1] not in BEHAVIOURS:
            message = marked(f"A test token is tok_ and one of {', '.join(BEHAVIOURS)}, such as tok_ok_4242.")
            raise InvalidInput(f"token: {message}", {"token": [message]})
        shown = asked.token[-4:]
        kind = asked.kind if asked.kind in ("bank", "wallet") else "card"
        return {
            "kind": kind,
            "masked": f"Test •••• {shown}",
            "identity": f"test:{asked.token}",
            "is_verified": match[1] != "fail",
        }

    def deposit(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:
        behaviour = behaviour_of(asked)
        if behaviour == "down":
            raise Unavailable("the test provider does not answer: this token says so")
        states = {"ok": "completed", "reverse": "completed", "fail": "failed", "lost": "lost"}
        row = _booked(ctx, asked, behaviour, states.get(behaviour, "pending"))
        return _told(row, behaviour)

    def pay_out(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:
        return self.deposit(ctx, asked)

    def refund(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:
        row = _booked(ctx, asked, "ok", "completed", kind="refunded", reference=asked.key)
        return {"kind": "refunded", "reversal": row.reference, "amount": row.amount}

    def read_callback(self, ctx: Context, headers: Mapping[str, str], body: bytes) -> Sequence[Any]:
        verify(ctx, headers, body)
        said = msgspec.json.decode(body)
        if not isinstance(said, list):
            raise InvalidInput("a callback of the test provider is a list of news")
        return said

    def poll(self, ctx: Context, asked: Sequence[PaymentAsked]) -> Sequence[Any]:
        now = ctx.clock.now()
        return [news for one in asked for news in _become(ctx, one, now)]

    def statement(self, ctx: Context, name: str, since: datetime, until: datetime) -> Sequence[Any]:
        query = select(_BOOK).where(
            _BOOK.c.tenant_id == ctx.tenant.id,
            _BOOK.c.provider == name,
            _BOOK.c.state.in_(("completed", "lost")),
            _BOOK.c.settled_at >= since,
            _BOOK.c.settled_at < until,
        )
        rows = ctx.connection.execute(query.order_by(_BOOK.c.settled_at, _BOOK.c.key)).all()
        return [
            {
                "reference": row.reference,
                "kind": row.kind,
                "amount": row.amount,
                "currency": row.currency,
                "at": row.settled_at,
            }
            for row in rows
        ]


def behaviour_of(asked: PaymentAsked) -> str:
    """Return what a payment rehearses: what its token says, or its amount where the token says `ok`."""
    match = TOKEN.fullmatch(asked.token)
    said = "ok" if match is None else match[1]
    return BY_AMOUNT.get(asked.amount % 100, "ok") if said == "ok" else said


def sign(ctx: Context, body: bytes) -> dict[str, str]:
    """Return the headers of a callback, as the test provider sends them."""
    at = str(int(ctx.clock.now().timestamp()))
    return {"X-Test-Timestamp": at, "X-Test-Signature": _signature(ctx, at, body)}


def verify(ctx: Context, headers: Mapping[str, str], body: bytes) -> None:
    """Refuse a callback whose signature is wrong or old."""
    at, signature = headers.get("X-Test-Timestamp", ""), headers.get("X-Test-Signature", "")
    if not hmac.compare_digest(signature.encode(), _signature(ctx, at, body).encode()):
        raise NotAuthenticated("the signature of this callback is not valid")
    age = ctx.clock.now().timestamp() - int(at)
    if abs(age) > TOLERANCE_SECONDS:
        raise NotAuthenticated(
            f"this callback is {age:.0f} seconds old: at most {TOLERANCE_SECONDS} are taken"
        )


def _signature(ctx: Context, at: str, body: bytes) -> str:
    return hmac.new(
        _key(ctx.kernel.settings, ctx.tenant.id), f"{at}.".encode() + body, hashlib.sha256
    ).hexdigest()


def _key(settings: Settings, tenant_id: int) -> bytes:
    named = f"test provider of payments:{tenant_id}".encode()
    return hmac.new(secret_of(settings).encode(), named, hashlib.sha256).digest()


def _booked(
    ctx: Context,
    asked: PaymentAsked,
    behaviour: str,
    state: str,
    *,
    kind: str | None = None,
    reference: str | None = None,
) -> Any:
    """Write an order into the provider's books, once by its key; return what stands there."""
    of_key = (_BOOK.c.tenant_id == ctx.tenant.id) & (_BOOK.c.key == asked.key)
    found = ctx.connection.execute(select(_BOOK).where(of_key)).first()
    if found is None:
        now = ctx.clock.now()
        row = {
            "tenant_id": ctx.tenant.id,
            "key": asked.key,
            "reference": reference or f"test-{asked.id}",
            "kind": kind or asked.kind,
            "provider": asked.provider,
            "behaviour": behaviour,
            "amount": asked.amount,
            "currency": asked.currency,
            "state": state,
            "created_at": now,
            "settled_at": now if state in ("completed", "lost") else None,
        }
        ctx.connection.execute(insert(_BOOK), row)
        found = ctx.connection.execute(select(_BOOK).where(of_key)).one()
    return found


def _told(row: Any, behaviour: str) -> Mapping[str, Any]:
    said: dict[str, Any] = {"kind": row.state, "reference": row.reference}
    if row.state == "lost":
        said["kind"] = "pending"
    if row.state == "failed":
        said["reason"] = marked("the bank declined it (this is a test)")
    if row.state == "pending" and behaviour == "action" and row.kind == "deposit":
        said |= {
            "kind": "action_required",
            "action": {"type": "redirect", "url": "https://bank.test/confirm"},
        }
    return said


def _become(ctx: Context, asked: PaymentAsked, now: datetime) -> Iterator[Mapping[str, Any]]:
    """Yield what became of one payment by now."""
    query = select(_BOOK).where(_BOOK.c.tenant_id == ctx.tenant.id, _BOOK.c.reference == asked.reference)
    row = ctx.connection.execute(query).first()
    if row is None:
        return
    named = {"payment_id": asked.id, "reference": row.reference}
    if row.state == "pending" and now - row.created_at >= timedelta(minutes=ANSWER_MINUTES):
        settled = {"state": "completed", "settled_at": now}
        ctx.connection.execute(update(_BOOK).where(_of(ctx, row.key)).values(**settled))
        row = ctx.connection.execute(select(_BOOK).where(_of(ctx, row.key))).one()
    if row.state == "completed" and asked.state != "completed":
        yield {"id": f"{row.reference}:completed", "kind": "completed", **named}
    if row.behaviour == "reverse" and asked.kind == "deposit" and _is_due(row, now):
        dispute = f"{row.reference}-dispute"
        _dispute(ctx, row, dispute, now)
        yield {
            "id": dispute,
            "kind": "charged_back",
            "amount": row.amount,
            "reversal": dispute,
            "reason": marked("the holder of the card disputes it (this is a test)"),
            **named,
        }


def _is_due(row: Any, now: datetime) -> bool:
    return row.settled_at is not None and now - row.settled_at >= timedelta(minutes=CHARGEBACK_MINUTES)


def _dispute(ctx: Context, row: Any, dispute: str, now: datetime) -> None:
    if ctx.connection.execute(select(_BOOK.c.key).where(_of(ctx, dispute))).first() is None:
        made = dict(row._mapping) | {
            "key": dispute,
            "reference": dispute,
            "kind": "charged_back",
            "behaviour": "ok",
            "state": "completed",
            "created_at": now,
            "settled_at": now,
        }
        ctx.connection.execute(insert(_BOOK), made)


def _of(ctx: Context, key: str) -> Any:
    return (_BOOK.c.tenant_id == ctx.tenant.id) & (_BOOK.c.key == key)


def callback(ctx: Context, said: Sequence[Mapping[str, Any] | News]) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a callback that the test provider would send."""
    body = msgspec.json.encode(said)
    return body, sign(ctx, body)
