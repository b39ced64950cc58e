"""Free bets and free spins."""
