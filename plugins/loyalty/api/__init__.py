"""The API of loyalty, for players and for operators."""
