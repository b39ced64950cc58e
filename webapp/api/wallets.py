"""Wallets: a player's own, and an operator's view of any player's, with corrections."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.http import (
    Amount,
    Blueprint,
    PageArguments,
    current,
    keyed,
    page,
    page_schema,
    player_only,
    read_cursor,
    requires,
    visit,
)
from pitboss.core.identity.players import find_player
from pitboss.core.ledger import wallet
from pitboss.core.ledger.history import Entry
from pitboss.core.money import Money

blueprint = Blueprint("wallets", __name__, description="What players have")

REASON_CHARACTERS_MAX = 500
CURRENCY_CHARACTERS_MAX = 8
_UNITS = {name: unit for name, (_, unit) in wallet.PURSES.items()}


class WalletArguments(ma.Schema):
    """Which currency; the tenant's own without."""

    currency = ma.fields.Str(validate=Length(min=3, max=CURRENCY_CHARACTERS_MAX))


class WalletSchema(ma.Schema):
    """Every purse apart; amounts are text with all the decimals of their unit."""

    player_id = ma.fields.UUID(required=True)
    currency = ma.fields.Str(required=True)
    cash = Amount(required=True)
    locked = Amount(required=True, metadata={"description": "Set aside for what is not decided yet."})
    bonus = Amount(required=True)
    bonus_locked = Amount(required=True)
    points = Amount(required=True)
    reward_points = Amount(required=True)
    tickets = Amount(required=True)
    owed = Amount(required=True)
    withdrawable = Amount(required=True)


class WalletEntrySchema(ma.Schema):
    """One move of one purse."""

    at = ma.fields.AwareDateTime(required=True)
    operation = ma.fields.Str(required=True)
    purse = ma.fields.Str(required=True)
    amount = Amount(required=True)
    before = Amount(required=True)
    after = Amount(required=True)
    currency = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True, allow_none=True)


class AdjustmentSchema(ma.Schema):
    """A correction; a negative amount takes."""

    purse = ma.fields.Str(load_default="cash", validate=OneOf(list(wallet.PURSES)))
    amount = Amount(required=True)
    currency = ma.fields.Str(validate=Length(min=3, max=CURRENCY_CHARACTERS_MAX))
    reason = ma.fields.Str(required=True, validate=Length(min=3, max=REASON_CHARACTERS_MAX))


@blueprint.route("/wallet")
class OwnWallet(MethodView):
    @player_only
    @blueprint.arguments(WalletArguments(), location="query")
    @blueprint.response(200, WalletSchema())
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Show my wallet."""
        context = current()
        return _wallet(context, context.actor.player_id, asked.get("currency"))


@blueprint.route("/wallet/history")
class OwnHistory(MethodView):
    @player_only
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(WalletEntrySchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what happened to my wallet, newest first."""
        context = current()
        return _history(context, context.actor.player_id, asked)


@blueprint.route("/players/<uuid:player_id>/wallet")
class PlayerWallet(MethodView):
    @requires("core.players")
    @blueprint.arguments(WalletArguments(), location="query")
    @blueprint.response(200, WalletSchema())
    def get(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """Show a player's wallet."""
        context = current()
        find_player(context, player_id)
        return _wallet(context, player_id, asked.get("currency"))


@blueprint.route("/players/<uuid:player_id>/wallet/history")
class PlayerHistory(MethodView):
    @requires("core.players")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(WalletEntrySchema))
    def get(self, asked: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """List what happened to a player's wallet, newest first."""
        context = current()
        find_player(context, player_id)
        return _history(context, player_id, asked)


@blueprint.route("/players/<uuid:player_id>/wallet/adjustments")
class Adjustments(MethodView):
    @requires("core.wallet_adjust")
    @keyed
    @blueprint.arguments(AdjustmentSchema())
    @blueprint.response(201, WalletSchema())
    def post(self, sent: dict[str, Any], player_id: UUID) -> dict[str, Any]:
        """Correct a player's balance, with a reason; audited."""
        context = current()
        find_player(context, player_id)
        unit = _UNITS[sent["purse"]] or sent.get("currency") or context.tenant.currency
        money = context.tenant.currencies.parse(sent["amount"], unit)
        _adjust(context, player_id, sent, money)
        return _wallet(context, player_id, sent.get("currency"))


def _adjust(context: Context, player_id: UUID, sent: dict[str, Any], money: Money) -> None:
    key = visit().claim.key
    wallet.adjust(
        context.connection,
        player_id,
        key=f"adjust:{context.actor.kind}:{context.actor.id}:{key}",
        purse_named=sent["purse"],
        amount=money.minor,
        currency=money.currency,
        actor=context.actor.label,
        reason=sent["reason"],
    )
    new = {"purse": sent["purse"], "amount": sent["amount"], "currency": money.currency}
    audit.record(context, "wallet.adjusted", f"player:{player_id}", new=new, reason=sent["reason"])


def _wallet(context: Context, player_id: UUID, currency: str | None) -> dict[str, Any]:
    code = currency or context.tenant.currency
    context.tenant.currencies.places(code)
    found = wallet.read_wallet(context.connection, player_id, code)
    text = context.tenant.currencies.text
    purses = {name: text(Money(getattr(found, name), unit or code)) for name, unit in _UNITS.items()}
    return purses | {
        "player_id": player_id,
        "currency": code,
        "owed": text(Money(found.owed, code)),
        "withdrawable": text(Money(found.withdrawable, code)),
    }


def _history(context: Context, player_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    cursor = read_cursor(asked.get("cursor"))
    found = wallet.read_history(context.connection, player_id, cursor=cursor, limit=asked["limit"])
    return page([_entry(context, entry) for entry in found.entries], found.cursor)


def _entry(context: Context, entry: Entry) -> dict[str, Any]:
    unit = entry.account.currency

    def text(minor: int) -> str:
        return context.tenant.currencies.text(Money(minor, unit))

    return {
        "at": entry.at,
        "operation": entry.op,
        "purse": wallet.purse_name(entry.account),
        "amount": text(entry.amount),
        "before": text(entry.before),
        "after": text(entry.after),
        "currency": unit,
        "reason": entry.reason,
    }
