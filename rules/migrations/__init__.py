"""Migrations of the rulebook's tables."""
