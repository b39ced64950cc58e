"""Bets on whatever another plugin plays out: markets, prices, slips, settlement and their explanations."""
