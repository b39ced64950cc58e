"""What bookmakers offer, with every price that they ever had."""
