"""What players bet elsewhere, and bets that were suggested to them."""
