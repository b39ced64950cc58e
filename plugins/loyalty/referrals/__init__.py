"""Referrals: friends who come by a code, and what both sides get."""
