"""What players are told about their payments."""

from __future__ import annotations

from pitboss.core import notifications
from pitboss.core.context import Context
from pitboss.core.contracts import Message
from pitboss.core.money import Money
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext, grouped
from pitboss.plugins.payments.book import Payment

SENT = Message(
    name="payments.withdrawal_sent",
    title="A withdrawal is on its way",
    doc="Sent to a player when the provider has the money of a withdrawal.",
    subject="Your withdrawal is on its way",
    body="We sent {amount} to you.",
    example={"amount": "50.00 EUR"},
)
RETURNED = Message(
    name="payments.withdrawal_returned",
    title="A withdrawal came back",
    doc="Sent to a player whose withdrawal was refused, or failed: the money is in the wallet again.",
    subject="Your withdrawal came back",
    body="{amount} is in your wallet again: {reason}.",
    example={"amount": "50.00 EUR", "reason": "the bank knows no such account"},
)
TERMS = (SENT, RETURNED)


def tell(ctx: Context, payment: Payment, message: Message) -> None:
    """Tell a player what became of a payment, once."""
    money = Money(payment.settled or payment.amount, payment.currency)

    def said() -> dict[str, str]:
        return {
            "amount": f"{grouped(ctx.tenant.currencies.text(money))} {payment.currency}",
            "reason": retold(payment.reason) if payment.reason else gettext("ask us why"),
        }

    notifications.notify(ctx, payment.player_id, message.name, said, key=f"{message.name}:{payment.id}")
