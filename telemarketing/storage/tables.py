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

SCHEMA_VERSION = "0002"
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

# How a person signs in; who has no row here cannot.
accounts = Table(
    "accounts",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True, autoincrement=False),
    # Folded to lower case: people do not remember how they wrote it.
    Column("login", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("password_changed_at", BigInteger, nullable=False),
    # True: the password was given by somebody else, and has to be changed at the next sign-in.
    Column("must_change", Boolean, nullable=False),
    CheckConstraint("login <> ''", name="login_given"),
)

sessions = Table(
    "sessions",
    metadata,
    # SHA-256 of the cookie in hexadecimal: whoever reads the database cannot sign in with it.
    Column("token_hash", Text, primary_key=True),
    Column("operator_id", ForeignKey("accounts.operator_id", ondelete="CASCADE"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    # The browser's own name for itself, for the list of one's sessions.
    Column("browser", Text, nullable=False),
    Index(None, "operator_id"),
    Index(None, "expires_at"),
)

# What a person chose; who has no row here, or NULL in it, has the defaults.
preferences = Table(
    "preferences",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), primary_key=True, autoincrement=False),
    Column("language", Text),
    Column("theme", Text),
    Column("remind_before_ms", BigInteger),
    Column("sound", Boolean),
    CheckConstraint("language IN ('ru', 'uk', 'en')", name="language_known"),
    CheckConstraint("theme IN ('light', 'dark')", name="theme_known"),
    CheckConstraint("remind_before_ms BETWEEN 0 AND 86400000", name="remind_before"),
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
    # What people write on the card; '' = nobody has.
    *(
        Column(name, Text, nullable=False, server_default="")
        for name in (
            "person_name",
            "position",
            "company",
            "address",
            "email",
            "messengers",
            "interest",
            "note",
        )
    ),
    # In the smallest unit of the currency, like kopecks.
    Column("amount_minor", BigInteger),
    # Three capital letters of ISO 4217; given exactly when there is an amount.
    Column("currency", Text),
    # Grows with every change by a person: who edits says which one he saw.
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("title <> ''", name="titled"),
    CheckConstraint("responsible_id IS NULL OR responsible_settled", name="settled_by_somebody"),
    CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="amount_in_currency"),
    # One for each way in which a page of the list is walked, newest first.
    Index(None, "created_at", "id"),
    Index("ix_leads_responsible_id_created_at", "responsible_id", "created_at", "id"),
    Index("ix_leads_responsible_id_status_id", "responsible_id", "status_id", "created_at", "id"),
    Index("ix_leads_status_id_created_at", "status_id", "created_at", "id"),
    Index("ix_leads_source_id_created_at", "source_id", "created_at", "id"),
    sqlite_autoincrement=True,
)

# Further people at the same client.
lead_contacts = Table(
    "lead_contacts",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), nullable=False),
    Column("full_name", Text, nullable=False),
    Column("position", Text, nullable=False),
    # E.164, or as it was typed; '' = none. It stands in `phones` too.
    Column("phone", Text, nullable=False),
    Column("email", Text, nullable=False),
    Index(None, "lead_id"),
)

# Who was in a call of the lead: what an operator may see hangs on it.
lead_participants = Table(
    "lead_participants",
    metadata,
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), nullable=False),
    # The lead's own `created_at`, so that a page of an operator's leads is one walk of the index.
    Column("lead_created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("lead_id", "operator_id"),
    Index(None, "operator_id", "lead_created_at", "lead_id"),
)

# Everything by which a lead is found, folded: storage/search.py makes and asks it.
lead_texts = Table(
    "lead_texts",
    metadata,
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    Column("folded", Text, nullable=False),
)

# What people changed on a card, so that it can be seen and undone.
lead_edits = Table(
    "lead_edits",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), nullable=False),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("edited_at", BigInteger, nullable=False),
    # Name of the column, or what else was changed: `responsible`, `contact`.
    Column("field", Text, nullable=False),
    # JSON, as crm/lead_edits.py writes it.
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index(None, "lead_id", "edited_at"),
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
    # The call's own, so that a page of an operator's calls is one walk of the index.
    Column("started_at", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("call_id", "position"),
    CheckConstraint("ring_ms >= 0 AND talk_ms >= 0", name="durations"),
    Index(None, "operator_id", "started_at", "call_id"),
)

# What people write about a call.
call_notes = Table(
    "call_notes",
    metadata,
    Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("summary", Text, nullable=False),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("written_at", BigInteger, nullable=False),
    # Grows with every change, as of leads.
    Column("version", Integer, nullable=False),
)

call_recordings = Table(
    "call_recordings",
    metadata,
    Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("path", Text, nullable=False),
    # What became of the file: see model/recording.py. A path that changes begins anew.
    Column("state", Text, nullable=False, server_default="expected"),
    # Below which root it was found, and where there: both NULL until it was.
    Column("file", Text),
    Column("size_bytes", BigInteger),
    Column("duration_ms", BigInteger),
    Column("looked_at", BigInteger),
    PrimaryKeyConstraint("call_id", "position"),
    CheckConstraint(
        "state IN ('expected', 'ready', 'empty', 'missing', 'unreadable', 'outside')",
        name="state_known",
    ),
)
Index(
    "ix_call_recordings_expected",
    call_recordings.c.call_id,
    sqlite_where=call_recordings.c.state == "expected",
    postgresql_where=call_recordings.c.state == "expected",
)

planned_calls = Table(
    "planned_calls",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), nullable=False),
    # Whose work it is; NULL = everybody's, as long as the lead is nobody's.
    Column("operator_id", ForeignKey("operators.id")),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    # When it is to be done; with a date only, that day's first instant in `zone`.
    Column("due_at", BigInteger, nullable=False),
    Column("has_time", Boolean, nullable=False),
    # In which it was planned, like Europe/Kyiv.
    Column("zone", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    # NULL = the service itself proposed it.
    Column("created_by", ForeignKey("operators.id")),
    # The call that brought it about; NULL = none did.
    Column("cause_call_id", ForeignKey("calls.id", ondelete="SET NULL")),
    # Attempts to reach the client since, that were not answered.
    Column("attempt_count", Integer, nullable=False, server_default="0"),
    Column("closed_at", BigInteger),
    Column("closed_by", ForeignKey("operators.id")),
    # The call that closed it; NULL = a person did, or nobody has.
    Column("closing_call_id", ForeignKey("calls.id", ondelete="SET NULL")),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("kind IN ('planned', 'missed', 'retry')", name="kind_known"),
    CheckConstraint(
        "state IN ('proposed', 'open', 'done', 'dismissed', 'cancelled')", name="state_known"
    ),
    CheckConstraint(
        "(closed_at IS NULL) = (state IN ('proposed', 'open'))", name="closed_when_closed"
    ),
    Index(None, "lead_id"),
    Index(None, "operator_id", "state", "due_at"),
    sqlite_autoincrement=True,
)
# One missed call and one proposed retry wait for a lead at a time, however many daemons see it.
Index(
    "uq_planned_calls_pending",
    planned_calls.c.lead_id,
    planned_calls.c.kind,
    unique=True,
    sqlite_where=(planned_calls.c.closed_at.is_(None)) & (planned_calls.c.kind != "planned"),
    postgresql_where=(planned_calls.c.closed_at.is_(None)) & (planned_calls.c.kind != "planned"),
)
Index(
    "ix_planned_calls_due",
    planned_calls.c.due_at,
    planned_calls.c.id,
    sqlite_where=planned_calls.c.closed_at.is_(None),
    postgresql_where=planned_calls.c.closed_at.is_(None),
)

# The notice before a planned call: fired by jobs/reminders.py, exactly once.
reminders = Table(
    "reminders",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("planned_call_id", ForeignKey("planned_calls.id", ondelete="CASCADE"), nullable=False),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("remind_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    CheckConstraint("state IN ('waiting', 'fired', 'cancelled')", name="state_known"),
    Index(None, "planned_call_id"),
)
Index(
    "ix_reminders_waiting",
    reminders.c.remind_at,
    sqlite_where=reminders.c.state == "waiting",
    postgresql_where=reminders.c.state == "waiting",
)

# What a fired reminder puts before a person's eyes, until it is seen.
notices = Table(
    "notices",
    metadata,
    Column("id", _RowId, primary_key=True),
    # Unique: whatever is killed when, a reminder never fires twice.
    Column(
        "reminder_id", ForeignKey("reminders.id", ondelete="CASCADE"), nullable=False, unique=True
    ),
    Column("operator_id", ForeignKey("operators.id"), nullable=False),
    Column("fired_at", BigInteger, nullable=False),
    # The daemon was down when it was due.
    Column("late", Boolean, nullable=False),
    Column("seen_at", BigInteger),
)
Index(
    "ix_notices_unseen",
    notices.c.operator_id,
    notices.c.fired_at,
    sqlite_where=notices.c.seen_at.is_(None),
    postgresql_where=notices.c.seen_at.is_(None),
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
