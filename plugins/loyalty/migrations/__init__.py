"""Migrations of loyalty's tables."""
