"""How it ended: numbered versions that never change."""
