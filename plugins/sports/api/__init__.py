"""The plugin over HTTP, under /api/v1/sports."""
