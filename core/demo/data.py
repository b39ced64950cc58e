"""The core's own demo data: a few players with wallets, movements and messages."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from pitboss.core import ledger, notifications
from pitboss.core.context import Context
from pitboss.core.contracts import Channel
from pitboss.core.identity.players import register_player
from pitboss.core.identity.tables import Player
from pitboss.core.ledger import Leg
from pitboss.core.texts import ENGLISH

NAMES = (
    "Ada Okafor",
    "Ben Carter",
    "Chiara Rossi",
    "Dmitri Ivanov",
    "Elena García",
    "Finn O'Brien",
    "Grace Kim",
    "Hugo Laurent",
    "Ines Duarte",
    "Jonas Weber",
    "Kavya Patel",
    "Liam Walsh",
)
STARTING_MINOR = 100_00
WELCOME = "core.demo_welcome"


def load(ctx: Context) -> None:
    """Give the tenant players, and each a wallet with a history and a message."""
    if WELCOME not in {text.key for text in notifications.list_templates(ctx)}:
        said = {"subject": "Welcome, {name}", "body": "Your first deposit is on its way to you."}
        notifications.save_template(ctx, WELCOME, Channel.IN_APP, ENGLISH, **said)
    for name in NAMES:
        _register(ctx, f"{name.split()[0].lower()}@demo.test", name)
    ctx.session.flush()
    mine = Player.tenant_id == ctx.tenant.id
    players = ctx.session.execute(
        select(Player.id, Player.display_name).where(mine).order_by(Player.id)
    ).all()
    for number, player in enumerate(players):
        _fill_wallet(ctx, player.id, number)
        key = f"demo:welcome:{player.id}"
        notifications.notify(ctx, player.id, WELCOME, {"name": player.display_name}, key=key)


def _register(ctx: Context, email: str, name: str) -> None:
    known = select(Player.id).where(Player.tenant_id == ctx.tenant.id, Player.email == email)
    if ctx.session.scalar(known) is None:
        register_player(ctx, email=email, password=None, display_name=name, country=ctx.tenant.country)


def _fill_wallet(ctx: Context, player_id: UUID, number: int) -> None:
    """Post a deposit, a stake that won and tickets, and hold an open stake: each once, by key."""
    currency = ctx.tenant.currency
    cash = ledger.purse(player_id, "cash", currency)
    tickets = ledger.purse(player_id, "tickets", currency)
    stake = 500 + 100 * number
    moves = {
        "deposit": Leg(ledger.house("clearing", currency), cash, STARTING_MINOR + 250 * number),
        "stake": Leg(cash, ledger.house("house", currency), stake),
        "win": Leg(ledger.house("house", currency), cash, 2 * stake + 35),
        "tickets": Leg(ledger.house("tickets_cost", tickets.currency), tickets, 1 + number % 3),
    }
    for what, leg in moves.items():
        key = f"demo:{what}:{player_id}"
        ledger.post(ctx.connection, key=key, op=what, legs=[leg], actor=ctx.actor.label)
    ledger.authorise(ctx.connection, key=f"demo:open:{player_id}", amounts={cash: 300 + 50 * number})
