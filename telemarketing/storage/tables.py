"""The tables of our own database, as SQLAlchemy Core describes them.

Nothing comes in and nothing goes out: every other file of `storage` builds its statements from what
stands here. A database is made by `migrations/`, never from this file; a test holds the two equal.
Instants are epoch milliseconds (UTC), durations milliseconds.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = "0001"
"""Number of the newest migration; four digits, so that versions compare as text."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column declared INTEGER, which holds 64 bits there.
_RowId = BigInteger().with_variant(Integer(), "sqlite")

schema_version = Table(
    "alembic_version",
    MetaData(),  # Alembic's own table: read here, made by Alembic
    Column("version_num", Text, primary_key=True),
)

departments = Table(
    "departments",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    CheckConstraint("name <> ''", name="named"),
)

operators = Table(
    "operators",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("full_name", Text, nullable=False),
    Column("department_id", ForeignKey("departments.id")),
    Column("role", Text, nullable=False),
    Column("disabled_at", BigInteger),
    CheckConstraint("full_name <> ''", name="named"),
    CheckConstraint("role IN ('operator', 'supervisor', 'administrator')", name="role_known"),
    sqlite_autoincrement=True,
)

operator_extensions = Table(
    "operator_extensions",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("extension", Text, nullable=False),
    # '' = on every PBX: a NULL would escape the unique index below.
    Column("pbx", Text, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger),
    CheckConstraint("extension <> ''", name="extension_given"),
    CheckConstraint("valid_until > valid_from", name="lasts"),
    Index(None, "extension"),
    Index(None, "operator_id"),
)
Index(
    "uq_operator_extensions_open",
    operator_extensions.c.extension,
    operator_extensions.c.pbx,
    unique=True,
    sqlite_where=operator_extensions.c.valid_until.is_(None),
    postgresql_where=operator_extensions.c.valid_until.is_(None),
)

operator_mobiles = Table(
    "operator_mobiles",
    metadata,
    Column("number", Text, primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Index(None, "operator_id"),
)

lead_statuses = Table(
    "lead_statuses",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("colour", Text, nullable=False),
    CheckConstraint("name <> ''", name="named"),
    CheckConstraint(
        "kind IN ('initial', 'intermediate', 'final_good', 'final_bad')", name="kind_known"
    ),
)
Index(
    "uq_lead_statuses_initial",
    lead_statuses.c.kind,
    unique=True,
    sqlite_where=lead_statuses.c.kind == "initial",
    postgresql_where=lead_statuses.c.kind == "initial",
)

lead_sources = Table(
    "lead_sources",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

leads = Table(
    "leads",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("title", Text, nullable=False),
    Column("phone", Text),
    Column("status_id", ForeignKey("lead_statuses.id"), nullable=False),
    Column("source_id", ForeignKey("lead_sources.id"), nullable=False),
    Column("responsible_id", ForeignKey("operators.id")),
    Column("responsible_settled", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    CheckConstraint("title <> ''", name="titled"),
    CheckConstraint("responsible_id IS NULL OR responsible_settled", name="settled_by_somebody"),
    Index(None, "created_at", "id"),
    Index(None, "responsible_id", "status_id"),
    Index(None, "status_id"),
    sqlite_autoincrement=True,
)

phones = Table(
    "phones",
    metadata,
    # Every outside number ever called or calling: this key is what makes one lead of two calls.
    Column("number", Text, primary_key=True),
    Column("lead_id", ForeignKey("leads.id")),
    Index(None, "lead_id"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("pbx", Text, nullable=False),
    Column("linkedid", Text, nullable=False),
    Column("lead_id", ForeignKey("leads.id")),
    Column("direction", Text, nullable=False),
    Column("number", Text),
    Column("raw_number", Text),
    Column("withheld", Boolean, nullable=False),
    Column("did", Text),
    Column("placed_by", Text),
    Column("answered_by", Text),
    Column("disposition", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("answered_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("ring_ms", BigInteger, nullable=False),
    Column("talk_ms", BigInteger, nullable=False),
    Column("hangup_cause", BigInteger),
    Column("transferred", Boolean, nullable=False),
    Column("seen_from_start", Boolean, nullable=False),
    Column("end_estimated", Boolean, nullable=False),
    UniqueConstraint("pbx", "linkedid"),
    CheckConstraint("direction IN ('inbound', 'outbound', 'internal')", name="direction_known"),
    CheckConstraint(
        "disposition IN ('answered', 'no_answer', 'busy', 'failed', 'cancelled', 'unknown')",
        name="disposition_known",
    ),
    CheckConstraint("ring_ms >= 0 AND talk_ms >= 0", name="durations"),
    CheckConstraint(
        "lead_id IS NULL OR NOT (withheld OR direction = 'internal')", name="withheld_unmerged"
    ),
    Index(None, "started_at", "id"),
    Index(None, "lead_id", "started_at"),
    Index(None, "number"),
)
Index(
    "ix_calls_raw_number",
    calls.c.raw_number,
    sqlite_where=calls.c.number.is_(None),
    postgresql_where=calls.c.number.is_(None),
)
Index(
    "ix_calls_live",
    calls.c.pbx,
    sqlite_where=calls.c.ended_at.is_(None),
    postgresql_where=calls.c.ended_at.is_(None),
)

call_operators = Table(
    "call_operators",
    metadata,
    Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("extension", Text, nullable=False),
    # Whose extension it was when the call began; it stays so when the extension changes hands.
    Column("operator_id", ForeignKey("operators.id")),
    Column("ring_ms", BigInteger, nullable=False),
    Column("talk_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("call_id", "position"),
    CheckConstraint("ring_ms >= 0 AND talk_ms >= 0", name="durations"),
    Index(None, "operator_id", "call_id"),
)

call_recordings = Table(
    "call_recordings",
    metadata,
    Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("path", Text, nullable=False),
    PrimaryKeyConstraint("call_id", "position"),
)

refused_calls = Table(
    "refused_calls",
    metadata,
    Column("pbx", Text, nullable=False),
    Column("linkedid", Text, nullable=False),
    Column("reason", Text, nullable=False),
    # The whole call as JSON.
    Column("snapshot", Text, nullable=False),
    PrimaryKeyConstraint("pbx", "linkedid"),
)
