"""Sources that are asked over HTTP, and what they proved worth."""
