"""A small casino for tests of the rulebook: rounds, facts that they change, and actions that pay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import Boolean, String, UniqueConstraint, Uuid, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core import facts, ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Action, Cause, Event, Function, Guard, Manifest, Term, Variable, Window
from pitboss.core.database import Base, Instant, MinorUnits, TenantRow, uuid_id
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate

METRIC = "casino.stake"


class CasinoFacts(TenantRow, Base):
    """What is known of each player."""

    __tablename__ = "casino_facts"

    player_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    net_loss: Mapped[int] = mapped_column(MinorUnits, default=0, server_default="0")
    country: Mapped[str | None] = mapped_column(String(2))
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    is_barred: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")


class CasinoPayout(TenantRow, Base):
    """What an action paid, once for each decision."""

    __tablename__ = "casino_payout"
    __table_args__ = (UniqueConstraint("tenant_id", "decision_id", "what"),)

    id: Mapped[UUID] = uuid_id()
    decision_id: Mapped[UUID] = mapped_column(Uuid())
    player_id: Mapped[UUID] = mapped_column(Uuid())
    what: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int] = mapped_column(MinorUnits)
    is_undone: Mapped[bool] = mapped_column(Boolean, default=False)


PAYOUT = CasinoPayout.__table__


class Round(Schema):
    """Payload of `casino.round_played`."""

    game = fields.String(required=True, validate=validate.OneOf(["slots", "roulette", "poker"]))
    stake = fields.Integer(required=True, metadata={"type": "money"})
    won = fields.Integer(load_default=0, dump_default=0, metadata={"type": "money"})


class Price(Schema):
    """Payload of `casino.price_moved`."""

    market = fields.String(required=True)
    odds = fields.Float(required=True)


class Pay(Schema):
    """Parameters of the actions that pay."""

    amount = fields.Integer(required=True, validate=validate.Range(0))
    wagering_requirement = fields.Integer(load_default=0, validate=validate.Range(0, 100))


class Say(Schema):
    """Parameters of `casino.say`."""

    text = fields.String(required=True, validate=validate.Length(1, 200))


def pay(ctx: Context, amount: int, wagering_requirement: int) -> UUID:
    """Pay bonus money, for the decision that is the cause."""
    assert ctx.cause is not None
    assert ctx.subject is not None
    unit = ctx.tenant.currency
    leg = ledger.Leg(ledger.house("bonus_cost", unit), ledger.player(ctx.subject, "bonus", unit), amount)
    ledger.post(ctx.connection, key=f"casino:{ctx.cause.id}", op="casino.pay", legs=[leg])
    return _write(ctx, f"pay x{wagering_requirement}", amount)


def points(ctx: Context, amount: int, wagering_requirement: int) -> UUID:
    """Give points."""
    return _write(ctx, f"points x{wagering_requirement}", amount)


def say(ctx: Context, text: str) -> None:
    """Say something."""
    _write(ctx, text, 0)


def take_back(ctx: Context, cause: Cause) -> None:
    """Take back what was paid for a decision."""
    ledger.reverse(ctx.connection, key=f"casino:{cause.id}", shortfall="receivable")
    ctx.connection.execute(
        update(PAYOUT)
        .where(PAYOUT.c.tenant_id == ctx.tenant.id, PAYOUT.c.decision_id == cause.id)
        .values(is_undone=True)
    )


def payouts(ctx: Context, *, undone: bool = False) -> list[tuple[str, int]]:
    """Return what was paid, in order."""
    query = select(PAYOUT.c.what, PAYOUT.c.amount).order_by(PAYOUT.c.id)
    found = ctx.connection.execute(
        query.where(PAYOUT.c.tenant_id == ctx.tenant.id, PAYOUT.c.is_undone.is_(undone))
    )
    return [(row.what, row.amount) for row in found]


def lose(ctx: Context, player_id: UUID, stake: int, *, game: str = "slots", won: int = 0) -> Any:
    """Play a round: facts and event in one transaction, amounts in cents."""
    facts.add(ctx, player_id, CasinoFacts, net_loss=stake - won)
    facts.record(ctx, player_id, METRIC, stake)
    payload = {"game": game, "stake": stake, "won": won}
    return ctx.emit("casino.round_played", payload, player_id=player_id)


def _write(ctx: Context, what: str, amount: int) -> UUID:
    assert ctx.cause is not None
    row = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "decision_id": ctx.cause.id,
        "player_id": ctx.subject,
        "what": what,
        "amount": amount,
        "is_undone": False,
    }
    ctx.connection.execute(insert(PAYOUT), row)
    return row["id"]


def not_barred(ctx: Context, reward: Any) -> str | None:
    """Refuse to reward a player who is barred."""
    is_barred = reward.player_id is not None and ctx.of(reward.player_id).value("casino.is_barred")
    return "the player is barred" if is_barred else None


def days_since_seen(ctx: Context) -> float | None:
    """Return how long ago the player was seen."""
    seen_at = ctx.value("casino.seen_at")
    return None if seen_at is None else (ctx.clock.now() - seen_at).total_seconds() / 86_400


def luck(_ctx: Context, number: float) -> float:
    """Return twice a number."""
    return 2 * number


def _variable(noun: str, type_: Any, **source: Any) -> Variable:
    return Variable(name=f"casino.{noun}", title=noun, doc=f"The {noun}.", type=type_, **source)


def _event(noun: str, schema: type[Schema], example: dict[str, Any]) -> Event:
    return Event(name=f"casino.{noun}", title=noun, doc=f"A {noun}.", schema=schema, example=example)


def _action(noun: str, run: Any, schema: type[Schema] = Pay, **more: Any) -> Action:
    example = {"amount": 500} if schema is Pay else {"text": "hello"}
    return Action(
        name=f"casino.{noun}", title=noun, doc=f"To {noun}.", schema=schema, run=run, example=example, **more
    )


class Plugin:
    """The casino's table of contents."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="casino", version="1", title="Casino")

    @hookimpl
    def register_terms(self) -> Sequence[Term]:
        return [
            _variable("net_loss", "money", column=CasinoFacts.net_loss, default=0),
            _variable("country", "text", column=CasinoFacts.country),
            _variable("seen_at", "instant", column=CasinoFacts.seen_at),
            _variable("is_barred", "boolean", column=CasinoFacts.is_barred, default=False),
            _variable("staked_7d", "money", window=Window(METRIC, "sum", 7, "days")),
            _variable("rounds_7d", "number", window=Window(METRIC, "count", 7, "days")),
            _variable("twice_lost", "money", compute=lambda ctx: 2 * ctx.value("casino.net_loss")),
            _variable(
                "days_since_seen", "number", compute=days_since_seen, formula="days_since(casino.seen_at)"
            ),
            _event("round_played", Round, {"game": "slots", "stake": 500, "won": 0}),
            _event("price_moved", Price, {"market": "m1", "odds": 2.5}),
            _action("pay", pay, pays="money", undo=take_back),
            _action("points", points, pays="PTS"),
            _action("say", say, schema=Say),
            Function(
                name="casino.luck",
                title="Luck",
                doc="Twice a number.",
                example=(2,),
                arguments={"number": "number"},
                returns="number",
                call=luck,
            ),
        ]

    @hookimpl
    def register_listeners(self) -> Sequence[Guard]:
        return [Guard("rules.reward", not_barred)]


CANDIDATE = Candidate("casino", lambda: Plugin(), "pitboss-tests", "1")
