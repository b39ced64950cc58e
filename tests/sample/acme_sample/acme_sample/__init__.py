"""Scratch cards: a sample plugin that uses every hook."""

__version__ = "1.2.0"
