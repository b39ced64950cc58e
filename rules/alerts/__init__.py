"""Alerts: told once for each crossing."""
