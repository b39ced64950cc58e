"""The events that transactions become: what rules of rewards and alerts listen to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields

from pitboss.core import events
from pitboss.core.context import Context
from pitboss.core.contracts import Event
from pitboss.plugins.loyalty.play import history
from pitboss.plugins.loyalty.play.tables import Transaction

MONEY = {"type": "money"}
EXAMPLE_ID = "0195f2d0-0000-7000-8000-000000000001"


def _money(**options: Any) -> fields.Field[Any]:
    return fields.Integer(metadata=MONEY, **options)


def _text() -> fields.Field[Any]:
    return fields.String(load_default=None, dump_default=None, allow_none=True)


class Happening(Schema):
    """What all of them say."""

    transaction_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    nth = fields.Integer(required=True, metadata={"title": "How manieth of the player"})


class DepositMade(Happening):
    """Payload of `loyalty.deposit_made`."""

    amount = _money(required=True)
    deposit_amount = _money(required=True)
    deposit_number = fields.Integer(required=True, metadata={"title": "Number of the deposit"})
    """1 for the first that stands."""


class WithdrawalMade(Happening):
    """Payload of `loyalty.withdrawal_made`."""

    amount = _money(required=True)
    withdrawal_amount = _money(required=True)
    deposit_amount = _money(load_default=None, allow_none=True)
    """Of the last deposit that stands."""


class WagerPlaced(Happening):
    """Payload of `loyalty.wager_placed`."""

    amount = _money(required=True)
    stake = _money(required=True)
    bonus_amount = _money(load_default=0)
    game = _text()
    category = _text()
    odds = fields.Decimal(load_default=None, allow_none=True, as_string=True)
    round = _text()
    is_settled = fields.Boolean(required=True)
    game_contribution = fields.Decimal(load_default=Decimal(1), as_string=True)
    """How much of the stake counts for points, by the tenant's settings."""


class WinPaid(Happening):
    """Payload of `loyalty.win_paid`."""

    amount = _money(required=True)
    bonus_amount = _money(load_default=0)
    game = _text()
    category = _text()
    odds = fields.Decimal(load_default=None, allow_none=True, as_string=True)
    round = _text()


class SessionEnded(Happening):
    """Payload of `loyalty.session_ended`."""

    seconds = fields.Integer(required=True)
    game = _text()
    category = _text()


class RolledBack(Schema):
    """Payload of `loyalty.transaction_rolled_back`."""

    transaction_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    amount = _money(required=True)
    at = fields.AwareDateTime(required=True)
    event_id = fields.UUID(required=True, allow_none=True)


NAMES: Mapping[str, str] = {
    "deposit": "loyalty.deposit_made",
    "withdrawal": "loyalty.withdrawal_made",
    "wager": "loyalty.wager_placed",
    "win": "loyalty.win_paid",
    "session": "loyalty.session_ended",
}


def happening(ctx: Context, tx: Transaction) -> events.Event:
    """Prepare the event that a transaction became; it has the transaction's own id."""
    said = {"transaction_id": tx.id, "at": tx.at.isoformat(), "nth": history.nth(ctx, tx)}
    said |= _SAID[tx.kind](ctx, tx)
    if tx.kind == "deposit":
        said["deposit_number"] = said["nth"]
    made = events.prepare(ctx, NAMES[tx.kind], said, player_id=tx.player_id)
    return replace(made, id=tx.id)


def tell_rolled_back(ctx: Context, tx: Transaction) -> None:
    """Emit that a transaction was taken back."""
    payload = {
        "transaction_id": tx.id,
        "kind": tx.kind,
        "amount": tx.amount,
        "at": tx.at.isoformat(),
        "event_id": tx.event_id,
    }
    ctx.emit("loyalty.transaction_rolled_back", payload, player_id=tx.player_id)


def _of_deposit(_ctx: Context, tx: Transaction) -> dict[str, Any]:
    return {"amount": tx.amount, "deposit_amount": tx.amount}


def _of_withdrawal(ctx: Context, tx: Transaction) -> dict[str, Any]:
    deposited = history.last_deposit(ctx, tx.player_id)
    return {"amount": tx.amount, "withdrawal_amount": tx.amount, "deposit_amount": deposited}


def _of_wager(ctx: Context, tx: Transaction) -> dict[str, Any]:
    shares: Mapping[str, Decimal] = ctx.settings("loyalty")["point_contributions"]
    share = shares.get(tx.game or "", shares.get(tx.category or "", Decimal(1)))
    return {
        **_of_win(ctx, tx),
        "stake": tx.amount,
        "is_settled": tx.is_settled,
        "game_contribution": str(share),
    }


def _of_win(_ctx: Context, tx: Transaction) -> dict[str, Any]:
    return {
        "amount": tx.amount,
        "bonus_amount": tx.bonus_amount,
        "game": tx.game,
        "category": tx.category,
        "odds": tx.odds,
        "round": tx.round_id,
    }


def _of_session(_ctx: Context, tx: Transaction) -> dict[str, Any]:
    return {"seconds": tx.seconds, "game": tx.game, "category": tx.category}


_SAID: Mapping[str, Callable[[Context, Transaction], dict[str, Any]]] = {
    "deposit": _of_deposit,
    "withdrawal": _of_withdrawal,
    "wager": _of_wager,
    "win": _of_win,
    "session": _of_session,
}


def _example(**more: Any) -> dict[str, Any]:
    return {"transaction_id": EXAMPLE_ID, "at": "2026-12-01T09:00:00+00:00", "nth": 1, **more}


_PLAY = {"game": "book-of-ra", "category": "slots", "odds": None, "round": "r-1", "bonus_amount": 0}

TERMS: tuple[Event, ...] = (
    Event(
        name="loyalty.deposit_made",
        title="Deposit made",
        doc="A player deposited money.",
        example=_example(amount=5000, deposit_amount=5000, deposit_number=1),
        schema=DepositMade,
    ),
    Event(
        name="loyalty.withdrawal_made",
        title="Withdrawal made",
        doc="A player withdrew money.",
        example=_example(amount=5000, withdrawal_amount=5000, deposit_amount=2000),
        schema=WithdrawalMade,
    ),
    Event(
        name="loyalty.wager_placed",
        title="Wager placed",
        doc="A player staked money on a game or a bet.",
        example=_example(amount=200, stake=200, is_settled=True, game_contribution="1", **_PLAY),
        schema=WagerPlaced,
    ),
    Event(
        name="loyalty.win_paid",
        title="Win paid",
        doc="A round or a bet returned money to a player, the stake included; 0 when it was lost.",
        example=_example(amount=350, **_PLAY),
        schema=WinPaid,
    ),
    Event(
        name="loyalty.session_ended",
        title="Session ended",
        doc="A player stopped playing.",
        example=_example(seconds=1800, game=None, category="slots"),
        schema=SessionEnded,
    ),
    Event(
        name="loyalty.transaction_rolled_back",
        title="Transaction rolled back",
        doc="A deposit, withdrawal, wager, win or session turned out not to be; what rules gave is undone.",
        example={
            "transaction_id": EXAMPLE_ID,
            "kind": "wager",
            "amount": 200,
            "at": "2026-12-01T09:00:00+00:00",
            "event_id": EXAMPLE_ID,
        },
        schema=RolledBack,
    ),
)
