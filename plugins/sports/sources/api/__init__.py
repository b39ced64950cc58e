"""Sources over HTTP: imports, feeds, prices and history."""
