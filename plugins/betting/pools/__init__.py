"""Pools: stakes are shared between those who were right."""
