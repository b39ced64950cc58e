"""Points, tiers and the catalogue through the database and over HTTP."""
