"""Trees as SQLAlchemy expressions, for PostgreSQL and SQLite alike."""
