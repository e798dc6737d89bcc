"""What alembic runs: it works on the connection, and so in the transaction, it is handed."""

from __future__ import annotations

from alembic import context

from assistant.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
