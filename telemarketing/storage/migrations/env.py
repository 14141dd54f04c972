"""What Alembic runs for every upgrade: the migrations, in the transaction of `storage.migrate`."""

from alembic import context

connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    render_as_batch=connection.dialect.name == "sqlite",
    # One transaction around all migrations, and the lock inside it, are the caller's.
    transactional_ddl=True,
)
context.run_migrations()
