"""The panel: who signs in, what people write on cards, planned calls, reminders, recordings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CARD_FIELDS = (
    "person_name",
    "position",
    "company",
    "address",
    "email",
    "messengers",
    "interest",
    "note",
)


def upgrade() -> None:
    """Add the tables of the panel, and fill what follows from the calls and leads there are."""
    _create_accounts()
    _extend_leads()
    _create_parts_of_leads()
    _create_search()
    _extend_parts_of_calls()
    _create_call_notes()
    _create_planned_calls()
    _create_reminders()


def _extend_leads() -> None:
    for name in CARD_FIELDS:
        op.add_column("leads", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("leads", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("leads", sa.Column("amount_minor", sa.BigInteger()))
    # Alembic adds a check to a table of SQLite by copying the table; a column may bring its own.
    op.execute(
        "ALTER TABLE leads ADD COLUMN currency TEXT CONSTRAINT ck_leads_amount_in_currency"
        " CHECK ((amount_minor IS NULL) = (currency IS NULL))"
    )
    op.create_index(
        "ix_leads_responsible_id_created_at", "leads", ["responsible_id", "created_at", "id"]
    )
    op.create_index("ix_leads_status_id_created_at", "leads", ["status_id", "created_at", "id"])
    op.create_index("ix_leads_source_id_created_at", "leads", ["source_id", "created_at", "id"])
    op.drop_index("ix_leads_status_id", table_name="leads")
    op.drop_index("ix_leads_responsible_id_status_id", table_name="leads")
    op.create_index(
        "ix_leads_responsible_id_status_id",
        "leads",
        ["responsible_id", "status_id", "created_at", "id"],
    )


def _extend_parts_of_calls() -> None:
    op.add_column(
        "call_operators",
        sa.Column("started_at", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.execute(
        "UPDATE call_operators SET started_at ="
        " (SELECT calls.started_at FROM calls WHERE calls.id = call_operators.call_id)"
    )
    op.drop_index("ix_call_operators_operator_id_call_id", table_name="call_operators")
    op.create_index(
        "ix_call_operators_operator_id_started_at_call_id",
        "call_operators",
        ["operator_id", "started_at", "call_id"],
    )
    op.execute(
        "ALTER TABLE call_recordings ADD COLUMN state TEXT NOT NULL DEFAULT 'expected'"
        " CONSTRAINT ck_call_recordings_state_known CHECK (state IN"
        " ('expected', 'ready', 'empty', 'missing', 'unreadable', 'outside'))"
    )
    op.add_column("call_recordings", sa.Column("file", sa.Text()))
    for name in ("size_bytes", "duration_ms", "looked_at"):
        op.add_column("call_recordings", sa.Column(name, sa.BigInteger()))
    op.create_index(
        "ix_call_recordings_expected",
        "call_recordings",
        ["call_id"],
        sqlite_where=sa.text("state = 'expected'"),
        postgresql_where=sa.text("state = 'expected'"),
    )


def _create_search() -> None:
    op.execute(
        "INSERT INTO lead_participants (operator_id, lead_id, lead_created_at)"
        " SELECT DISTINCT call_operators.operator_id, calls.lead_id, leads.created_at"
        " FROM call_operators JOIN calls ON calls.id = call_operators.call_id"
        " JOIN leads ON leads.id = calls.lead_id WHERE call_operators.operator_id IS NOT NULL"
    )
    # Nobody could write anything but numbers before: there is no case to fold.
    op.execute(
        "INSERT INTO lead_texts (lead_id, folded)"
        " SELECT id, CASE WHEN phone IS NULL OR phone = title THEN title"
        " ELSE title || ' ' || phone END FROM leads"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute(
            "CREATE INDEX ix_lead_texts_folded ON lead_texts USING gin (folded gin_trgm_ops)"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE lead_search USING fts5("
        "folded, content='lead_texts', content_rowid='lead_id', tokenize='trigram')"
    )
    op.execute("INSERT INTO lead_search (lead_search) VALUES ('rebuild')")
    old = (
        "INSERT INTO lead_search (lead_search, rowid, folded)"
        " VALUES ('delete', old.lead_id, old.folded);"
    )
    new = "INSERT INTO lead_search (rowid, folded) VALUES (new.lead_id, new.folded);"
    for event, work in (("INSERT", new), ("DELETE", old), ("UPDATE", old + " " + new)):
        op.execute(
            f"CREATE TRIGGER lead_texts_{event.lower()} AFTER {event} ON lead_texts"
            f" BEGIN {work} END"
        )


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("operator_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_changed_at", sa.BigInteger(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.CheckConstraint("login <> ''", name="ck_accounts_login_given"),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name="fk_accounts_operator_id"),
        sa.PrimaryKeyConstraint("operator_id", name="pk_accounts"),
        sa.UniqueConstraint("login", name="uq_accounts_login"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("operator_id", ROW_ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["accounts.operator_id"],
            name="fk_sessions_operator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_operator_id", "sessions", ["operator_id"])
    op.create_table(
        "preferences",
        sa.Column("operator_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("theme", sa.Text()),
        sa.Column("remind_before_ms", sa.BigInteger()),
        sa.Column("sound", sa.Boolean()),
        sa.CheckConstraint("language IN ('ru', 'uk', 'en')", name="ck_preferences_language_known"),
        sa.CheckConstraint("theme IN ('light', 'dark')", name="ck_preferences_theme_known"),
        sa.CheckConstraint(
            "remind_before_ms BETWEEN 0 AND 86400000", name="ck_preferences_remind_before"
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_preferences_operator_id"
        ),
        sa.PrimaryKeyConstraint("operator_id", name="pk_preferences"),
    )


def _create_parts_of_leads() -> None:
    op.create_table(
        "lead_contacts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_contacts_lead_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lead_contacts"),
    )
    op.create_index("ix_lead_contacts_lead_id", "lead_contacts", ["lead_id"])
    op.create_table(
        "lead_edits",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=False),
        sa.Column("operator_id", ROW_ID, nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_edits_lead_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_lead_edits_operator_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lead_edits"),
    )
    op.create_index("ix_lead_edits_lead_id_edited_at", "lead_edits", ["lead_id", "edited_at"])
    op.create_table(
        "lead_participants",
        sa.Column("operator_id", ROW_ID, nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=False),
        sa.Column("lead_created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_participants_lead_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_lead_participants_operator_id"
        ),
        sa.PrimaryKeyConstraint("lead_id", "operator_id", name="pk_lead_participants"),
    )
    op.create_index(
        "ix_lead_participants_operator_id_lead_created_at_lead_id",
        "lead_participants",
        ["operator_id", "lead_created_at", "lead_id"],
    )
    op.create_table(
        "lead_texts",
        sa.Column("lead_id", ROW_ID, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_texts_lead_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lead_id", name="pk_lead_texts"),
    )


def _create_call_notes() -> None:
    op.create_table(
        "call_notes",
        sa.Column("call_id", ROW_ID, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("operator_id", ROW_ID, nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name="fk_call_notes_call_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_call_notes_operator_id"
        ),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_notes"),
    )


def _create_planned_calls() -> None:
    op.create_table(
        "planned_calls",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=False),
        sa.Column("operator_id", ROW_ID),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("has_time", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", ROW_ID),
        sa.Column("cause_call_id", ROW_ID),
        sa.Column("attempt_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", ROW_ID),
        sa.Column("closing_call_id", ROW_ID),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (state IN ('proposed', 'open'))",
            name="ck_planned_calls_closed_when_closed",
        ),
        sa.CheckConstraint(
            "kind IN ('planned', 'missed', 'retry')", name="ck_planned_calls_kind_known"
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'open', 'done', 'dismissed', 'cancelled')",
            name="ck_planned_calls_state_known",
        ),
        sa.ForeignKeyConstraint(
            ["cause_call_id"],
            ["calls.id"],
            name="fk_planned_calls_cause_call_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["operators.id"], name="fk_planned_calls_closed_by"),
        sa.ForeignKeyConstraint(
            ["closing_call_id"],
            ["calls.id"],
            name="fk_planned_calls_closing_call_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["operators.id"], name="fk_planned_calls_created_by"
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_planned_calls_lead_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_planned_calls_operator_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_planned_calls"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_planned_calls_due",
        "planned_calls",
        ["due_at", "id"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_planned_calls_lead_id", "planned_calls", ["lead_id"])
    op.create_index(
        "ix_planned_calls_operator_id_state_due_at",
        "planned_calls",
        ["operator_id", "state", "due_at"],
    )
    op.create_index(
        "uq_planned_calls_pending",
        "planned_calls",
        ["lead_id", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL AND kind != 'planned'"),
        postgresql_where=sa.text("closed_at IS NULL AND kind != 'planned'"),
    )


def _create_reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("planned_call_id", ROW_ID, nullable=False),
        sa.Column("operator_id", ROW_ID, nullable=False),
        sa.Column("remind_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'fired', 'cancelled')", name="ck_reminders_state_known"
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name="fk_reminders_operator_id"),
        sa.ForeignKeyConstraint(
            ["planned_call_id"],
            ["planned_calls.id"],
            name="fk_reminders_planned_call_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
    )
    op.create_index("ix_reminders_planned_call_id", "reminders", ["planned_call_id"])
    op.create_index(
        "ix_reminders_waiting",
        "reminders",
        ["remind_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "notices",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("reminder_id", ROW_ID, nullable=False),
        sa.Column("operator_id", ROW_ID, nullable=False),
        sa.Column("fired_at", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name="fk_notices_operator_id"),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name="fk_notices_reminder_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("reminder_id", name="uq_notices_reminder_id"),
    )
    op.create_index(
        "ix_notices_unseen",
        "notices",
        ["operator_id", "fired_at"],
        sqlite_where=sa.text("seen_at IS NULL"),
        postgresql_where=sa.text("seen_at IS NULL"),
    )
