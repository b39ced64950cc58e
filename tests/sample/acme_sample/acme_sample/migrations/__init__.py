"""Migrations of the tables of scratch cards."""
