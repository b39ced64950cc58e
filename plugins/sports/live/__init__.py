"""How it stands now: an ordered feed, and what is wrong with it."""
