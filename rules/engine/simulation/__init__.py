"""What rules would have done, over recorded facts."""
