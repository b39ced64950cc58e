"""Two persons for much money: who agreed to a step, and whether that is enough."""

from __future__ import annotations

from sqlalchemy import insert

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, Forbidden
from pitboss.plugins.payments import logbook, ports
from pitboss.plugins.payments.book import Payment
from pitboss.plugins.payments.models import ApprovalRow

PERSONS = 2

_APPROVAL = ApprovalRow.__table__


def agree(
    ctx: Context,
    payment: Payment,
    step: str,
    *,
    reference: str = "",
    evidence: str = "",
    amount: int | None = None,
) -> bool:
    """Note that the one who acts agrees; tell whether enough persons did."""
    actor_id = ctx.actor.id
    if actor_id is None or ctx.actor.kind == "player":
        raise Forbidden("a person of the staff must agree to this")
    # Only who saw the same agrees: one who mistyped says it again, and both must say the same in the end.
    alike = [
        r for r in logbook.approvals(ctx, payment.id, step) if (r.reference, r.amount) == (reference, amount)
    ]
    if any(row.actor_id == actor_id for row in alike):
        raise Conflict("you agreed to this already: another person must look at it")
    row = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "payment_id": payment.id,
        "step": step,
        "actor_id": actor_id,
        "actor": ctx.actor.label,
        "reference": reference,
        "evidence": evidence,
        "amount": amount,
        "at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(_APPROVAL), row)
    said = "; ".join(part for part in (reference, evidence) if part)
    logbook.write(ctx, payment.id, f"{step} agreed", said)
    threshold = ctx.settings(ports.NAME)["two_person_from"]
    return len(alike) + 1 >= needed(amount or payment.amount, threshold)


def needed(amount: int, threshold: int | None) -> int:
    """Return how many persons must agree.

    >>> needed(999_99, 1000_00), needed(1000_00, 1000_00), needed(5, None)
    (1, 2, 1)
    """
    return PERSONS if threshold is not None and amount >= threshold else 1
