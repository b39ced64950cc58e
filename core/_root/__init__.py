"""Pitboss: a rules platform for betting, gaming and loyalty operators."""

__version__ = "0.1.0"
