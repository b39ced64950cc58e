"""Strategies of players: versioned rules that are tried on history, followed or stopped."""
