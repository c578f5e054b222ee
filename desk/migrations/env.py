"""Alembic's entry: runs the migrations on the database it is told of."""

from __future__ import annotations

from alembic import context

from desk.database import make_engine
from desk.models import Base

_engine = make_engine(context.config.attributes["url"])
with _engine.connect() as _connection:
    context.configure(
        connection=_connection,
        target_metadata=Base.metadata,
        # SQLite cannot alter a table; batch mode copies it
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
_engine.dispose()
