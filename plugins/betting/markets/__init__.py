"""What can be bet on: markets with their selections, prices, settlement rules and traders."""
