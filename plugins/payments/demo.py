"""Demo data: methods, deposits and withdrawals in several states, at whatever providers the tenant has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.errors import PitbossError
from pitboss.core.identity import register_player
from pitboss.core.identity.tables import Player
from pitboss.core.money import Money
from pitboss.plugins.payments import book, deposits, methods, ports, receiving, withdrawals
from pitboss.plugins.payments.models import PaymentRow
from pitboss.plugins.payments.ports import News
from pitboss.plugins.payments.rehearsal import BEHAVIOURS

PLAYERS_MAX = 12
TEST_TERM = "payments.test_provider"
AMOUNTS = (50_00, 120_00, 20_00, 75_00, 200_00)

_PAYMENT = PaymentRow.__table__


def load_demo(ctx: Context) -> None:
    """Have players pay in and ask for money; a second time changes nothing."""
    if ctx.connection.scalar(select(_PAYMENT.c.id).where(_PAYMENT.c.tenant_id == ctx.tenant.id).limit(1)):
        return
    enabled = [config for config in ports.providers(ctx) if config["is_enabled"]]
    for number, player_id in enumerate(_players(ctx)):
        for config in enabled:
            # A player who may not pay, or a provider of somebody else whose tokens we cannot know.
            with suppress(PitbossError):
                _pay(ctx, player_id, number, config)


def _players(ctx: Context) -> Sequence[UUID]:
    """Return the tenant's first players; some of our own where there are none."""
    mine = select(Player.id).where(Player.tenant_id == ctx.tenant.id).order_by(Player.id)
    found = ctx.session.scalars(mine.limit(PLAYERS_MAX)).all()
    if found:
        return found
    names = ("Paula", "Quentin", "Rosa", "Stefan")
    return [
        register_player(ctx, email=f"{n.lower()}@demo.test", password=None, display_name=n).id for n in names
    ]


def _pay(ctx: Context, player_id: UUID, number: int, config: Any) -> None:
    is_test = config["term"] == TEST_TERM
    token = f"tok_{BEHAVIOURS[number % 6]}_{4200 + number}" if is_test else f"DEMO{number:04}ACCOUNT"
    method = methods.add(ctx, player_id, provider=config["name"], token=token)
    currency = deposits.currencies_of(ctx, config["name"])[0]
    amount = Money(AMOUNTS[number % len(AMOUNTS)], currency)
    key = f"demo:{config['name']}:{player_id}"
    payment = deposits.make(ctx, player_id, method_id=method.id, amount=amount, request_key=key[:64])
    payment = deposits.start(ctx, payment.id)
    if not is_test and number % 3 == 0:
        _arrived(ctx, payment)
    if book.find(ctx, payment.id).state == "completed":
        half = Money(amount.minor // 2, currency)
        withdrawals.request(ctx, player_id, amount=half, method_id=None, request_key=key[:64])


def _arrived(ctx: Context, payment: Any) -> None:
    receiving.apply(ctx, book.find(ctx, payment.id, for_update=True), News(kind="completed"))
