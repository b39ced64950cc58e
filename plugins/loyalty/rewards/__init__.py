"""Rewards of every type, from being given to their end."""
