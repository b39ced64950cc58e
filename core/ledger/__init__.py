"""Money that moves exactly once, and can always be counted again."""

from pitboss.core.ledger.accounts import Account, house, player, pool, rounding
from pitboss.core.ledger.balances import balance, balance_at, balances, owed, rebuild
from pitboss.core.ledger.book import post, post_many, submit
from pitboss.core.ledger.checkpoints import roll_up
from pitboss.core.ledger.group import GroupCommit, post_and_commit
from pitboss.core.ledger.history import Entry, Page, history, history_of
from pitboss.core.ledger.holds import authorise, capture, release
from pitboss.core.ledger.journals import Journal, find_journal
from pitboss.core.ledger.posting import Leg, Posted, Posting
from pitboss.core.ledger.procedures import install
from pitboss.core.ledger.reversal import RECEIVABLE, reverse, with_debt
from pitboss.core.ledger.split import split
from pitboss.core.ledger.verify import reconcile, verify
from pitboss.core.ledger.wallet import Wallet, adjust, purse, read_history, read_wallet

__all__ = [
    "RECEIVABLE",
    "Account",
    "Entry",
    "GroupCommit",
    "Journal",
    "Leg",
    "Page",
    "Posted",
    "Posting",
    "Wallet",
    "adjust",
    "authorise",
    "balance",
    "balance_at",
    "balances",
    "capture",
    "find_journal",
    "history",
    "history_of",
    "house",
    "install",
    "owed",
    "player",
    "pool",
    "post",
    "post_and_commit",
    "post_many",
    "purse",
    "read_history",
    "read_wallet",
    "rebuild",
    "reconcile",
    "release",
    "reverse",
    "roll_up",
    "rounding",
    "split",
    "submit",
    "verify",
    "with_debt",
]
