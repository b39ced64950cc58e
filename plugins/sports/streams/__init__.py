"""Where a fixture can be watched, by whom and when."""
