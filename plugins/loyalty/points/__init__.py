"""Points: earned, kept in lots, spent and expired."""
