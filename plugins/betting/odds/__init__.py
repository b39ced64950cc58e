"""Prices: formats, margins, ladders, how they move and what they are worth."""
