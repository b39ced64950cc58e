"""Send what players did, and list it: for operators, and for the player."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf
from msgspec import Meta
from sqlalchemy import select, tuple_

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput, PitbossError
from pitboss.core.http import (
    Blueprint,
    MoneyField,
    PageArguments,
    Reply,
    current,
    hot,
    page,
    page_schema,
    player_only,
    read_cursor,
    requires,
)
from pitboss.core.money import Money
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX
from pitboss.plugins.loyalty.play import history
from pitboss.plugins.loyalty.play.incoming import BATCH_MAX, PLAYED, TransactionItem, read
from pitboss.plugins.loyalty.play.ingestion import Taken, take
from pitboss.plugins.loyalty.play.tables import SENDER_LENGTH_MAX, Transaction

blueprint = Blueprint(
    "loyalty_transactions",
    __name__,
    url_prefix="",
    description="Deposits, withdrawals, wagers, wins and sessions",
)
ROUTES = Routes(blueprint=blueprint)
KINDS = (*PLAYED, "rollback")

_TX = Transaction.__table__


class TransactionTaken(Reply, frozen=True, omit_defaults=True):
    """What became of one transaction."""

    status: Literal["accepted", "duplicate", "refused"]
    id: str | None = None
    """The sender's id, where one could be read."""
    transaction_id: UUID | None = None
    event_id: UUID | None = None
    detail: str | None = None
    errors: list[dict[str, str]] = []


class TransactionsTaken(Reply, frozen=True):
    """What became of each transaction, in the order in which they were sent."""

    accepted: int
    duplicates: int
    refused: int
    results: list[TransactionTaken]


Batch = Annotated[list[TransactionItem], Meta(min_length=1, max_length=BATCH_MAX)]


@hot(
    blueprint,
    "/transactions",
    # Read row by row in the view, so that a wrong one does not spoil the others.
    body=dict[str, Any] | Annotated[list[Any], Meta(min_length=1, max_length=BATCH_MAX)],
    answer=TransactionsTaken,
    shown=TransactionItem | Batch,
)
@requires("loyalty.ingest")
def send_transactions(ctx: Context, body: dict[str, Any] | list[Any]) -> TransactionsTaken:
    """Send one transaction, or a list of them; each is checked on its own and taken once."""
    rows = body if isinstance(body, list) else [body]
    results: dict[int, Taken] = {}
    readable = {}
    for place, row in enumerate(rows):
        try:
            readable[place] = read(ctx, _sender(ctx), row)
        except InvalidInput as error:
            results[place] = Taken(error=error)
    results |= dict(zip(readable, take(ctx, list(readable.values())), strict=True))
    answers = [_answer(row, results[place]) for place, row in enumerate(rows)]
    count = [answer.status for answer in answers].count
    return TransactionsTaken(count("accepted"), count("duplicate"), count("refused"), answers)


def _sender(ctx: Context) -> str:
    """Return whose ids a caller uses: a key's name outlives the key, an operator's address may change."""
    if ctx.actor.kind == "api_key":
        return ctx.actor.label.replace(" ", "-")[:SENDER_LENGTH_MAX]
    return f"{ctx.actor.kind}:{ctx.actor.id}"


def _answer(row: Any, taken: Taken) -> TransactionTaken:
    said = row.get("id") if isinstance(row, dict) else None
    id_ = said if isinstance(said, str) else None
    if taken.error is not None:
        return TransactionTaken("refused", id_, detail=str(taken.error), errors=_errors(taken.error))
    status: Literal["accepted", "duplicate"] = "duplicate" if taken.is_duplicate else "accepted"
    return TransactionTaken(status, id_, taken.transaction_id, taken.event_id, taken.note or None)


def _errors(error: PitbossError) -> list[dict[str, str]]:
    fields = error.fields if isinstance(error, InvalidInput) else {}
    found: list[dict[str, str]] = []
    for name, messages in fields.items():
        pointer = "#" if name == "_schema" else f"#/{name}"
        listed = messages if isinstance(messages, list) else [messages]
        found.extend({"pointer": pointer, "detail": str(message)} for message in listed)
    return found


# -- reading ---------------------------------------------------------------------------------------


class MyTransactionFilter(PageArguments):
    """Which transactions."""

    kind = ma.fields.Str(validate=OneOf(KINDS))
    game = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    since = ma.fields.AwareDateTime()
    until = ma.fields.AwareDateTime()


class TransactionFilter(MyTransactionFilter):
    """Which transactions of which player."""

    player_id = ma.fields.UUID()
    category = ma.fields.Str(validate=Length(1, CODE_LENGTH_MAX))
    sender = ma.fields.Str(validate=Length(1, SENDER_LENGTH_MAX))
    is_rolled_back = ma.fields.Bool()


class MyTransactionSchema(ma.Schema):
    """A transaction, as its player sees it."""

    id = ma.fields.UUID(required=True)
    kind = ma.fields.Str(required=True)
    amount = MoneyField(required=True)
    bonus_amount = MoneyField(required=True)
    game = ma.fields.Str(required=True, allow_none=True)
    category = ma.fields.Str(required=True, allow_none=True)
    odds = ma.fields.Str(required=True, allow_none=True)
    round = ma.fields.Str(required=True, allow_none=True)
    seconds = ma.fields.Int(required=True)
    at = ma.fields.AwareDateTime(required=True)
    is_settled = ma.fields.Bool(required=True)
    rolled_back_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class TransactionSchema(MyTransactionSchema):
    """A transaction, with who sent it and what it became."""

    player_id = ma.fields.UUID(required=True)
    sender = ma.fields.Str(required=True)
    sender_id = ma.fields.Str(required=True)
    rolls_back = ma.fields.Str(required=True, allow_none=True)
    received_at = ma.fields.AwareDateTime(required=True)
    event_id = ma.fields.UUID(required=True, allow_none=True)


@blueprint.route("/transactions")
class Transactions(MethodView):
    @requires("loyalty.read")
    @blueprint.arguments(TransactionFilter(), location="query")
    @blueprint.response(200, page_schema(TransactionSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List transactions: the newest received first, or a player's own newest first."""
        return _page(current(), asked)


@blueprint.route("/me/transactions")
class MyTransactions(MethodView):
    @player_only
    @blueprint.arguments(MyTransactionFilter(), location="query")
    @blueprint.response(200, page_schema(MyTransactionSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List my transactions, the newest first."""
        context = current()
        return _page(context, asked | {"player_id": context.actor.player_id})


@blueprint.route("/players/<uuid:player_id>/rebuild")
class Rebuild(MethodView):
    @requires("loyalty.edit")
    @blueprint.response(204)
    def post(self, player_id: UUID) -> None:
        """Work out a player's figures again from the transactions."""
        history.rebuild(current(), player_id)


def _page(ctx: Context, asked: dict[str, Any]) -> dict[str, Any]:
    # Each order has an index: a player's by time, all by when they were received.
    order = (_TX.c.at, _TX.c.id) if "player_id" in asked else (_TX.c.id,)
    query = select(_TX).where(_TX.c.tenant_id == ctx.tenant.id, *_conditions(asked))
    before = read_cursor(asked.get("cursor"))
    if before is not None:
        query = query.where(tuple_(*order) < tuple_(*_read(before)))
    limit = asked["limit"]
    query = query.order_by(*(column.desc() for column in order)).limit(limit + 1)
    rows = ctx.connection.execute(query).all()
    following = [str(getattr(rows[limit - 1], c.name)) for c in order] if len(rows) > limit else None
    return page([_shown(ctx, row) for row in rows[:limit]], following)


def _conditions(asked: dict[str, Any]) -> list[Any]:
    equal = ("player_id", "kind", "game", "category", "sender")
    found: list[Any] = [_TX.c[name] == asked[name] for name in equal if name in asked]
    if "since" in asked:
        found.append(_TX.c.at >= asked["since"])
    if "until" in asked:
        found.append(_TX.c.at < asked["until"])
    if "is_rolled_back" in asked:
        is_rolled_back = _TX.c.rolled_back_at.is_not(None)
        found.append(is_rolled_back if asked["is_rolled_back"] else ~is_rolled_back)
    return found


def _read(cursor: list[str]) -> list[Any]:
    *at, id_ = cursor
    return [*(datetime.fromisoformat(text) for text in at), UUID(id_)]


def _shown(ctx: Context, row: Any) -> dict[str, Any]:
    shown = dict(row._mapping) | {"round": row.round_id}
    for name in ("amount", "bonus_amount"):
        shown[name] = Money(shown[name], ctx.tenant.currency)
    return shown
