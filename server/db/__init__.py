"""SQLAlchemy base and migrations."""
