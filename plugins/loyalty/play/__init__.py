"""What players did: taken, counted as facts, and taken back."""
