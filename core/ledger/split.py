"""Divide an amount so that the parts always sum: what is left over goes to the rounding account."""

from __future__ import annotations

from collections.abc import Sequence

from pitboss.core.errors import InvalidInput
from pitboss.core.ledger.accounts import Account, rounding
from pitboss.core.ledger.posting import Leg
from pitboss.core.money import Money


def split(payer: Account, amount: int, shares: Sequence[tuple[Account, int]]) -> list[Leg]:
    """Return the legs that divide an amount by whole-number weights, each part rounded down.

    >>> from pitboss.core.ledger.accounts import house, pool
    >>> legs = split(house("fees", "EUR"), 100, [(pool("a", "EUR"), 2), (pool("b", "EUR"), 1)])
    >>> [(leg.credit.owner, leg.credit.kind, leg.amount) for leg in legs]
    [('a', 'pool', 66), ('b', 'pool', 33), ('house', 'rounding', 1)]
    """
    if amount <= 0:
        raise InvalidInput(f"{amount} cannot be divided: give a positive number of minor units")
    parts, rest = Money(amount, payer.currency).split([weight for _, weight in shares])
    payees = [account for account, _ in shares]
    paid = [(payee, part.minor) for payee, part in zip(payees, parts, strict=True)]
    paid.append((rounding(payer.currency), rest.minor))
    return [Leg(payer, payee, minor) for payee, minor in paid if minor]
