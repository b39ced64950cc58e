"""Tiers: the ladder, where players stand on it, and what a tier gives."""
