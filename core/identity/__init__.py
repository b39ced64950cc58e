"""Who is there: players, operators and API keys, and what they may do."""

from pitboss.core.identity.principal import Principal

__all__ = ["Principal"]
