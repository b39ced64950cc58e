"""What is known of each player's betting, kept in the transaction of what changes it."""
