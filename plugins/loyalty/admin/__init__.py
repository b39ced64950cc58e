"""The admin pages of loyalty: a module for each of its subjects."""
