"""The rulebook over HTTP, under /api/v1/rules."""
