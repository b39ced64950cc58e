"""What players are told about their payments: texts that tenants may write anew."""

from __future__ import annotations

from collections.abc import Mapping

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.plugins.payments.book import Payment

CHANNEL = "in_app"
PLACEHOLDERS = ("amount", "reason", "name", "brand")
TEXTS: Mapping[str, tuple[str, str]] = {
    "payments.withdrawal_sent": ("Your withdrawal is on its way", "We sent {amount} to you."),
    "payments.withdrawal_returned": (
        "Your withdrawal came back",
        "{amount} is in your wallet again: {reason}.",
    ),
}


def offer_texts(ctx: Context) -> None:
    """Bring the texts along when the plugin is switched on; what a tenant wrote itself stays."""
    for key, (subject, body) in TEXTS.items():
        notifications.offer_template(ctx, key, CHANNEL, subject=subject, body=body, placeholders=PLACEHOLDERS)


def tell(ctx: Context, payment: Payment, template: str) -> None:
    """Tell a player what became of a payment, once."""
    money = Money(payment.settled or payment.amount, payment.currency)
    said = {
        "amount": f"{ctx.tenant.currencies.text(money)} {payment.currency}",
        "reason": payment.reason or "ask us why",
    }
    key = f"{template}:{payment.id}"
    notifications.notify(ctx, payment.player_id, template, said, key=key)
