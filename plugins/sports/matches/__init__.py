"""Matches as players look for them."""
