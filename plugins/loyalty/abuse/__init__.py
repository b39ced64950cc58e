"""Abuse of rewards: what accounts have in common, and signals that people decide on."""
