"""What bets pay: outcomes, arithmetic, batches of settlements, corrections and explanations."""
