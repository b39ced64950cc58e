"""The rules engine: text and JSON in, compiled rules out. Of ours it imports `core.texts` alone."""
