"""Alembic's environment; the caller has imported every table into the metadata."""

from alembic import context
from sqlalchemy import create_engine

from server.db.base import metadata

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
