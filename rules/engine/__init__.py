"""The rules engine: text and JSON in, compiled rules out. It imports nothing of ours."""
