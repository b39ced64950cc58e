"""Many players at once: trees over NumPy columns, Polars frames and files of facts."""
