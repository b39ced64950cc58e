"""Who is there: players, operators and API keys, how they prove it, and what they may do."""

from pitboss.core.identity.authentication import authenticate
from pitboss.core.identity.naming import player_meant
from pitboss.core.identity.operators import ensure_first_operator
from pitboss.core.identity.players import demo_player, find_player, names_of, register_player
from pitboss.core.identity.preferences import preferences_of
from pitboss.core.identity.principal import Principal
from pitboss.core.identity.tokens import Tokens, sign_in_player
from pitboss.core.identity.visitor import Visitor

__all__ = [
    "Principal",
    "Tokens",
    "Visitor",
    "authenticate",
    "demo_player",
    "ensure_first_operator",
    "find_player",
    "names_of",
    "player_meant",
    "preferences_of",
    "register_player",
    "sign_in_player",
]
