"""Money that moves exactly once, and can always be counted again."""

from pitboss.core.ledger.accounts import Account, house, player, pool, rounding
from pitboss.core.ledger.book import post, post_and_commit, post_many, submit
from pitboss.core.ledger.posting import Leg, Posted, Posting
from pitboss.core.ledger.procedures import install

__all__ = [
    "Account",
    "Leg",
    "Posted",
    "Posting",
    "house",
    "install",
    "player",
    "pool",
    "post",
    "post_and_commit",
    "post_many",
    "rounding",
    "submit",
]
