"""What rules and other plugins can have done, and the providers that the plugin brings along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Cause, Function
from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.payments import deposits, holds
from pitboss.plugins.payments.cards import refuse_cards
from pitboss.plugins.payments.happenings import EXAMPLE_ID
from pitboss.plugins.payments.manual import ManualProvider
from pitboss.plugins.payments.models import REASON_LENGTH_MAX
from pitboss.plugins.payments.rehearsal import TestProvider

_MANUAL, _TEST = ManualProvider(), TestProvider()


def _reason() -> fields.Field[Any]:
    return fields.String(required=True, validate=[validate.Length(3, REASON_LENGTH_MAX), refuse_cards])


class RefundDeposit(Schema):
    """Parameters of `payments.refund_deposit`; the amount in minor units, all that is left without."""

    deposit_id = fields.UUID(required=True)
    amount = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1))
    reason = _reason()
    key = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    """Tells refunds of parts apart: the same key is refunded once."""


class HoldWithdrawals(Schema):
    """Parameters of `payments.hold_withdrawals` and `payments.release_withdrawals`."""

    reason = _reason()


def refund_deposit(
    ctx: Context, *, deposit_id: UUID, amount: int | None, reason: str, key: str | None
) -> UUID:
    """Refund a deposit; return its id."""
    if key is None and ctx.cause is not None:
        key = ctx.cause.id.hex
    return UUID(str(deposits.refund(ctx, deposit_id, amount=amount, reason=reason, key=key).id))


def hold_withdrawals(ctx: Context, *, reason: str) -> None:
    """Hold the withdrawals of the subject."""
    holds.hold(ctx, _subject(ctx), reason=reason)


def release_withdrawals(ctx: Context, *, reason: str) -> None:
    """Release the withdrawals of the subject."""
    holds.release(ctx, _subject(ctx), reason=reason)


def release_again(ctx: Context, cause: Cause) -> None:
    """Release what a rule held for an event that was rolled back."""
    if ctx.subject is not None:
        holds.release(ctx, ctx.subject, reason=marked(f"what rule {cause.rule} was told of was taken back"))


def _subject(ctx: Context) -> UUID:
    if ctx.subject is None:
        raise InvalidInput("whose withdrawals? say which player with ctx.of(player_id)")
    return ctx.subject


def _of_player(ctx: Context, currency: str) -> dict[str, dict[str, int]]:
    return deposits.figures(ctx, _subject(ctx), currency)


TERMS = (
    Action(
        name="payments.refund_deposit",
        title="Refund a deposit",
        doc="Gives a deposit, or a part of it, back to the method that paid it in.",
        schema=RefundDeposit,
        run=refund_deposit,
        example={"deposit_id": EXAMPLE_ID, "reason": "the player was excluded already"},
    ),
    Action(
        name="payments.hold_withdrawals",
        title="Hold withdrawals",
        doc="No withdrawal of the player is approved or sent until they are released.",
        schema=HoldWithdrawals,
        run=hold_withdrawals,
        undo=release_again,
        example={"reason": "proof of the source of funds is awaited"},
    ),
    Action(
        name="payments.release_withdrawals",
        title="Release withdrawals",
        doc="Withdrawals of the player that were held go on.",
        schema=HoldWithdrawals,
        run=release_withdrawals,
        example={"reason": "the proof is here"},
    ),
    Function(
        name="payments.deposit_figures",
        title="Deposits by window",
        doc="Gross and net deposits of the player over 24 h, 7 d, the calendar month and 30 d, in minor "
        "units: what guards of payments are asked with.",
        arguments={"currency": "text"},
        returns="any",
        call=_of_player,
        example=("EUR",),
    ),
    Function(
        name="payments.manual_provider",
        title="Manual provider",
        doc="Bank transfers that operators confirm by hand.",
        returns="any",
        call=lambda _ctx: _MANUAL,
        example=(),
    ),
    Function(
        name="payments.test_provider",
        title="Test provider",
        doc="Moves no money, and does what its tokens say: for demonstrations.",
        returns="any",
        call=lambda _ctx: _TEST,
        example=(),
    ),
)
