"""Bonuses, points, tiers, missions and referrals: what a player earns, and what it takes to keep it."""
