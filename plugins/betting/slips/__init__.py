"""Bets from the quote to the open bet: limits, exposure, placement, cash-out and history."""
