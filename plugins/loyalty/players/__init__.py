"""Players of loyalty: one row each, the lock under which it changes, and why it did."""

from pitboss.plugins.loyalty.players.blocking import BLOCK, block, let_go, set_blocked
from pitboss.plugins.loyalty.players.rows import CHANGE, PLAYER, change, find, lock, note

__all__ = ["BLOCK", "CHANGE", "PLAYER", "block", "change", "find", "let_go", "lock", "note", "set_blocked"]
