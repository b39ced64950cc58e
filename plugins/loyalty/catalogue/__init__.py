"""The catalogue: what points buy."""
