"""Pools over HTTP: open, enter, follow; private ones among friends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput, NotFound
from pitboss.core.http import (
    Blueprint,
    MoneyField,
    PageArguments,
    current,
    keyed,
    page,
    page_schema,
    player_only,
    read_id_cursor,
    requires,
    signed_in,
)
from pitboss.core.money import Money
from pitboss.plugins.betting.exact import real
from pitboss.plugins.betting.pools import book, ending, wording
from pitboss.plugins.betting.pools.dividends import approximates
from pitboss.plugins.betting.settling.schemas import SettlementReasonSchema

STATES = ("open", "paid", "refunded", "carried")

blueprint = Blueprint("betting_pools", __name__, url_prefix="", description="Pools")
ROUTES = Routes(blueprint=blueprint)


class ToteTermsSchema(wording.Sharing):
    """What the house keeps, how dividends are broken, and the least stake."""

    stake_min = MoneyField()


class PoolTermsSchema(ma.Schema):
    """The terms of a pool; those of the other kind are left out."""

    takeout = ma.fields.Str()
    break_to = ma.fields.Str()
    minimum = ma.fields.Str()
    no_winner = ma.fields.Str()
    stake_min = MoneyField()
    fee = MoneyField()
    shares = ma.fields.List(ma.fields.Str())
    members_max = ma.fields.Int()
    rules = ma.fields.Str()


class NewPoolSchema(ma.Schema):
    """A pool of the house."""

    fixture_id = ma.fields.UUID(required=True)
    template = ma.fields.Str(required=True, validate=Length(1, 64))
    places = ma.fields.Int(load_default=1, validate=Range(1, 20))
    series = ma.fields.Str(load_default="", validate=Length(max=64))
    name = ma.fields.Str(load_default="", validate=Length(max=200))
    terms = ma.fields.Nested(ToteTermsSchema(), load_default=dict)


class NewPrivatePoolSchema(ma.Schema):
    """A pool among friends."""

    fixture_id = ma.fields.UUID(required=True)
    template = ma.fields.Str(required=True, validate=Length(1, 64))
    name = ma.fields.Str(load_default="", validate=Length(max=200))
    invite = ma.fields.Str(required=True, validate=Length(6, 40))
    fee = MoneyField(required=True)
    shares = ma.fields.List(ma.fields.Str(), load_default=lambda: ["1"])
    members_max = ma.fields.Int(load_default=50)
    rules = ma.fields.Str(load_default="", validate=Length(max=wording.RULES_CHARACTERS_MAX))


class NewEntrySchema(ma.Schema):
    """A stake in a pool."""

    selection = ma.fields.Str(required=True, validate=Length(1, 64))
    stake = MoneyField(required=True)
    reference = ma.fields.Str(required=True, validate=Length(1, 128))
    invite = ma.fields.Str(load_default="", validate=Length(max=40))


class PoolAnswerSchema(ma.Schema):
    """An answer, what stands on it and what it would pay now."""

    code = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    is_withdrawn = ma.fields.Bool(required=True)
    staked = MoneyField(required=True)
    would_pay = ma.fields.Str(
        required=True,
        allow_none=True,
        metadata={"description": "Per unit, to four decimals; null: nobody backs it."},
    )


class DividendSchema(ma.Schema):
    """What one answer pays."""

    staked = MoneyField(required=True)
    unbroken = ma.fields.Str(required=True, metadata={"description": "Per unit, before it is rounded down."})
    per_unit = ma.fields.Str(required=True)


class PoolOutcomeSchema(ma.Schema):
    """How a pool ended; what is left out has no meaning for one that was refunded."""

    ranking = ma.fields.List(ma.fields.List(ma.fields.Str()), metadata={"description": "Answers by place."})
    gross = MoneyField(metadata={"description": "The stakes that took part."})
    net = MoneyField(metadata={"description": "What was shared of them."})
    dividends = ma.fields.Dict(keys=ma.fields.Str(), values=ma.fields.Nested(DividendSchema()))
    places = ma.fields.List(ma.fields.List(ma.fields.UUID()), metadata={"description": "Entries by place."})
    takeout = MoneyField(required=True)
    breakage = MoneyField(required=True, metadata={"description": "Below 0 the house added it."})
    carried_out = MoneyField(required=True)
    result_version = ma.fields.Int(required=True)
    reason = ma.fields.Str(required=True)
    waiting_version = ma.fields.Int(
        metadata={"description": "A corrected result that waits for an operator."},
    )


class PoolSchema(ma.Schema):
    """A pool as it stands."""

    id = ma.fields.UUID(required=True)
    kind = ma.fields.Str(required=True)
    fixture_id = ma.fields.UUID(required=True)
    template = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    closes_at = ma.fields.AwareDateTime(required=True)
    gross = MoneyField(required=True)
    carried_in = MoneyField(required=True)
    entry_count = ma.fields.Int(required=True)
    terms = ma.fields.Nested(PoolTermsSchema(), required=True)
    split = ma.fields.Str(required=True, metadata={"description": "How it is shared, in a sentence."})
    outcome = ma.fields.Nested(
        PoolOutcomeSchema(), required=True, allow_none=True, metadata={"description": "Null until it ended."}
    )
    version = ma.fields.Int(required=True)
    made_by = ma.fields.Str(required=True)


class OnePoolSchema(PoolSchema):
    """A pool with its answers."""

    answers = ma.fields.List(ma.fields.Nested(PoolAnswerSchema()), required=True)


class EntrySchema(ma.Schema):
    """An entry in a pool."""

    id = ma.fields.UUID(required=True)
    pool_id = ma.fields.UUID(required=True)
    reference = ma.fields.Str(required=True)
    selection = ma.fields.Str(required=True)
    stake = MoneyField(required=True)
    payout = MoneyField(required=True)
    state = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class PoolFilter(PageArguments):
    """Which pools."""

    fixture_id = ma.fields.UUID()
    state = ma.fields.Str(validate=OneOf(STATES))


@blueprint.route("/pools")
class Pools(MethodView):
    @signed_in
    @blueprint.arguments(PoolFilter(), location="query")
    @blueprint.response(200, page_schema(PoolSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List the pools of the house, the newest first."""
        ctx, limit = current(), asked["limit"]
        found = book.listed(
            ctx,
            fixture_id=asked.get("fixture_id"),
            state=asked.get("state", ""),
            is_private=False,
            before=read_id_cursor(asked.get("cursor")),
            limit=limit + 1,
        )
        items = [_shown(row) for row in found[:limit]]
        return page(items, found[limit - 1].id if len(found) > limit else None)

    @requires("betting.trade")
    @keyed
    @blueprint.arguments(NewPoolSchema())
    @blueprint.response(201, OnePoolSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Open a pool on a fixture."""
        ctx, terms = current(), dict(sent.pop("terms"))
        if "stake_min" in terms:
            terms["stake_min"] = _minor(ctx, terms["stake_min"], "terms.stake_min")
        return _one(ctx, book.open_pool(ctx, sent.pop("fixture_id"), kind="tote", terms=terms, **sent))


@blueprint.route("/private-pools")
class PrivatePools(MethodView):
    @player_only
    @keyed
    @blueprint.arguments(NewPrivatePoolSchema())
    @blueprint.response(201, OnePoolSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Open a pool among friends, who need its id and the invitation."""
        ctx = current()
        terms = {name: sent[name] for name in ("shares", "members_max", "rules")}
        terms["fee"] = _minor(ctx, sent["fee"], "fee")
        made = book.open_pool(
            ctx,
            sent["fixture_id"],
            kind="private",
            template=sent["template"],
            terms=terms,
            invite=sent["invite"],
            name=sent["name"],
        )
        return _one(ctx, made)


@blueprint.route("/pools/<uuid:pool_id>")
class OnePool(MethodView):
    @signed_in
    @blueprint.response(200, OnePoolSchema())
    def get(self, pool_id: UUID) -> dict[str, Any]:
        """Show a pool: what stands on each answer, and what it would pay now."""
        return _one(current(), book.find(current(), pool_id))


@blueprint.route("/pools/<uuid:pool_id>/entries")
class PoolEntries(MethodView):
    @player_only
    @keyed
    @blueprint.arguments(NewEntrySchema())
    @blueprint.response(201, EntrySchema())
    def post(self, sent: dict[str, Any], pool_id: UUID) -> dict[str, Any]:
        """Stake on an answer; the same reference is the same entry."""
        ctx = current()
        stake = _minor(ctx, sent.pop("stake"), "stake")
        return _entry(ctx, book.enter(ctx, pool_id, ctx.actor.player_id, stake=stake, **sent))


@blueprint.route("/me/pool-entries")
class OwnEntries(MethodView):
    @player_only
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(EntrySchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List my entries in pools, the newest first."""
        ctx, limit = current(), asked["limit"]
        before = read_id_cursor(asked.get("cursor"))
        found = book.entries_of_player(ctx, ctx.actor.player_id, before=before, limit=limit + 1)
        items = [_entry(ctx, row) for row in found[:limit]]
        return page(items, found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/pools/<uuid:pool_id>/cancel")
class PoolCancel(MethodView):
    @requires("betting.void")
    @blueprint.arguments(SettlementReasonSchema())
    @blueprint.response(200, OnePoolSchema())
    def post(self, sent: dict[str, Any], pool_id: UUID) -> dict[str, Any]:
        """Give all stakes of an open pool back."""
        return _one(current(), ending.cancel(current(), pool_id, reason=sent["reason"]))


@blueprint.route("/pools/<uuid:pool_id>/settle-again")
class PoolSettleAgain(MethodView):
    @requires("betting.settle")
    @blueprint.arguments(SettlementReasonSchema())
    @blueprint.response(200, OnePoolSchema())
    def post(self, sent: dict[str, Any], pool_id: UUID) -> dict[str, Any]:
        """Take back what a pool paid, and pay it by the corrected result."""
        return _one(current(), ending.settle_again(current(), pool_id, reason=sent["reason"]))


def _one(ctx: Context, pool: Any) -> dict[str, Any]:
    if pool.kind == "private" and ctx.actor.kind != "player" and not ctx.actor.may("betting.read"):
        raise NotFound(f"no pool {pool.id}")
    stakes = book.stakes(ctx, pool)
    return _shown(pool) | {
        "answers": [
            {
                "code": code,
                "name": name,
                "is_withdrawn": gone,
                "staked": Money(stakes[code], pool.currency),
                "would_pay": _would_pay(pool, stakes).get(code),
            }
            for code, name, gone in pool.selections
        ]
    }


def _would_pay(pool: Any, stakes: dict[str, int]) -> dict[str, str]:
    """Return what a unit on each answer of a tote would pay, before it is broken."""
    if pool.kind != "tote":
        return {}
    terms = wording.terms_of(pool.terms, "half_up")
    return {
        code: f"{real(each):.4f}" for code, each in approximates(stakes, terms).items() if each is not None
    }


def _shown(pool: Any) -> dict[str, Any]:
    return {**pool._mapping} | {
        "gross": Money(pool.gross, pool.currency),
        "carried_in": Money(pool.carried_in, pool.currency),
        "terms": _in_money(pool.terms, ("stake_min", "fee"), pool.currency),
        "split": wording.describe(pool.kind, pool.terms),
        "outcome": _outcome(pool) if pool.version else None,
    }


def _outcome(pool: Any) -> dict[str, Any]:
    sums = ("gross", "net", "takeout", "breakage", "carried_out")
    found = _in_money(pool.outcome, sums, pool.currency)
    if "dividends" in found:
        each = found["dividends"].items()
        found["dividends"] = {code: _in_money(one, ("staked",), pool.currency) for code, one in each}
    return found


def _in_money(stored: Mapping[str, Any], names: Sequence[str], unit: str) -> dict[str, Any]:
    return {name: Money(value, unit) if name in names else value for name, value in stored.items()}


def _entry(_ctx: Context, row: Any) -> dict[str, Any]:
    unit = current().tenant.currency
    return {**row._mapping} | {"stake": Money(row.stake, unit), "payout": Money(row.payout, unit)}


def _minor(ctx: Context, amount: Money, name: str) -> int:
    if amount.currency != ctx.tenant.currency:
        raise InvalidInput(
            f"{name}: {amount.currency} is not taken here: give {ctx.tenant.currency}",
            {name: ["Wrong currency."]},
        )
    return amount.minor
