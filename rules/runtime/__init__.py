"""Rules at work: an event, the facts, which rules match, what is done, and the record of it."""
