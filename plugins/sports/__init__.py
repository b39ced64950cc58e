"""Sports: what is played, when, by whom, how it stands and how it ended."""
