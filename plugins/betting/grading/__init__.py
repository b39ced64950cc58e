"""From a structured result to what each selection of a market came to, by templates that are data."""
