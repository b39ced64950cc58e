"""What rules would have done: over what was recorded, before they are live."""
