"""The only place with SQL on our own database (SQLite or PostgreSQL)."""
