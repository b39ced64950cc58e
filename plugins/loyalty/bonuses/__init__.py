"""Bonuses: purses, what is to be wagered, and stakes that they pay."""
