"""Payments: deposits, withdrawals, payment methods and reconciliation, behind a port for providers."""
