"""Campaigns: an offer to a segment, within a budget."""
