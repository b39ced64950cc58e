"""Files that somebody sends: read, shown, checked, and taken whole or not at all."""
