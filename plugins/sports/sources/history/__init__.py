"""Matches of the past, for ratings, backtests and simulations."""
