"""Transactions: sent, taken back, and what they come to."""
