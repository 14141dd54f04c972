"""The first schema: operators and their telephones, leads and their dictionaries, calls."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

STATUSES = (
    ("Установление контакта", "initial", "#8ea3b8"),
    ("Выявление потребностей", "intermediate", "#4a90d9"),
    ("Презентация", "intermediate", "#6c6fd1"),
    ("Работа с возражениями", "intermediate", "#d99a3c"),
    ("Лид сконвертирован", "final_good", "#4caf6d"),
    ("Некорректный контакт", "final_bad", "#9e9e9e"),
    ("Предложение неактуально", "final_bad", "#c9605b"),
)
SOURCES = (
    ("outbound_call", "исходящий звонок"),
    ("inbound_call", "входящий звонок"),
)


def upgrade() -> None:
    """Make every table, and fill the dictionaries."""
    _create_operators()
    _create_telephones()
    _create_statuses()
    _create_sources()
    _create_leads()
    _create_calls()
    _index_calls()
    _create_parts_of_calls()
    _create_refused_calls()


def _create_operators() -> None:
    op.create_table(
        "departments",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("name <> ''", name="ck_departments_named"),
        sa.PrimaryKeyConstraint("id", name="pk_departments"),
        sa.UniqueConstraint("name", name="uq_departments_name"),
    )
    op.create_table(
        "operators",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("department_id", ROW_ID),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.CheckConstraint("full_name <> ''", name="ck_operators_named"),
        sa.CheckConstraint(
            "role IN ('operator', 'supervisor', 'administrator')", name="ck_operators_role_known"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name="fk_operators_department_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_operators"),
        sqlite_autoincrement=True,
    )


def _create_telephones() -> None:
    op.create_table(
        "operator_extensions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("operator_id", ROW_ID, nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger()),
        sa.CheckConstraint("extension <> ''", name="ck_operator_extensions_extension_given"),
        sa.CheckConstraint("valid_until > valid_from", name="ck_operator_extensions_lasts"),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_operator_extensions_operator_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_operator_extensions"),
    )
    op.create_index("ix_operator_extensions_extension", "operator_extensions", ["extension"])
    op.create_index("ix_operator_extensions_operator_id", "operator_extensions", ["operator_id"])
    op.create_index(
        "uq_operator_extensions_open",
        "operator_extensions",
        ["extension", "pbx"],
        unique=True,
        sqlite_where=sa.text("valid_until IS NULL"),
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.create_table(
        "operator_mobiles",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("operator_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_operator_mobiles_operator_id"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_operator_mobiles"),
    )
    op.create_index("ix_operator_mobiles_operator_id", "operator_mobiles", ["operator_id"])


def _create_statuses() -> None:
    lead_statuses = op.create_table(
        "lead_statuses",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('initial', 'intermediate', 'final_good', 'final_bad')",
            name="ck_lead_statuses_kind_known",
        ),
        sa.CheckConstraint("name <> ''", name="ck_lead_statuses_named"),
        sa.PrimaryKeyConstraint("id", name="pk_lead_statuses"),
        sa.UniqueConstraint("name", name="uq_lead_statuses_name"),
    )
    op.create_index(
        "uq_lead_statuses_initial",
        "lead_statuses",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("kind = 'initial'"),
        postgresql_where=sa.text("kind = 'initial'"),
    )
    op.bulk_insert(
        lead_statuses,
        [
            {"name": name, "kind": kind, "position": position, "colour": colour}
            for position, (name, kind, colour) in enumerate(STATUSES)
        ],
    )


def _create_sources() -> None:
    lead_sources = op.create_table(
        "lead_sources",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lead_sources"),
        sa.UniqueConstraint("code", name="uq_lead_sources_code"),
    )
    op.bulk_insert(lead_sources, [{"code": code, "name": name} for code, name in SOURCES])


def _create_leads() -> None:
    op.create_table(
        "leads",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("status_id", ROW_ID, nullable=False),
        sa.Column("source_id", ROW_ID, nullable=False),
        sa.Column("responsible_id", ROW_ID),
        sa.Column("responsible_settled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("title <> ''", name="ck_leads_titled"),
        sa.CheckConstraint(
            "responsible_id IS NULL OR responsible_settled", name="ck_leads_settled_by_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["operators.id"], name="fk_leads_responsible_id"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["lead_sources.id"], name="fk_leads_source_id"),
        sa.ForeignKeyConstraint(["status_id"], ["lead_statuses.id"], name="fk_leads_status_id"),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_leads_created_at_id", "leads", ["created_at", "id"])
    op.create_index("ix_leads_responsible_id_status_id", "leads", ["responsible_id", "status_id"])
    op.create_index("ix_leads_status_id", "leads", ["status_id"])
    op.create_table(
        "phones",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("lead_id", ROW_ID),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_phones_lead_id"),
        sa.PrimaryKeyConstraint("number", name="pk_phones"),
    )
    op.create_index("ix_phones_lead_id", "phones", ["lead_id"])


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("linkedid", sa.Text(), nullable=False),
        sa.Column("lead_id", ROW_ID),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("raw_number", sa.Text()),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("did", sa.Text()),
        sa.Column("placed_by", sa.Text()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ring_ms", sa.BigInteger(), nullable=False),
        sa.Column("talk_ms", sa.BigInteger(), nullable=False),
        sa.Column("hangup_cause", sa.BigInteger()),
        sa.Column("transferred", sa.Boolean(), nullable=False),
        sa.Column("seen_from_start", sa.Boolean(), nullable=False),
        sa.Column("end_estimated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "direction IN ('inbound', 'outbound', 'internal')", name="ck_calls_direction_known"
        ),
        sa.CheckConstraint(
            "disposition IN ('answered', 'no_answer', 'busy', 'failed', 'cancelled', 'unknown')",
            name="ck_calls_disposition_known",
        ),
        sa.CheckConstraint(
            "lead_id IS NULL OR NOT (withheld OR direction = 'internal')",
            name="ck_calls_withheld_unmerged",
        ),
        sa.CheckConstraint("ring_ms >= 0 AND talk_ms >= 0", name="ck_calls_durations"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_calls_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.UniqueConstraint("pbx", "linkedid", name="uq_calls_pbx_linkedid"),
    )


def _index_calls() -> None:
    op.create_index("ix_calls_lead_id_started_at", "calls", ["lead_id", "started_at"])
    op.create_index(
        "ix_calls_live",
        "calls",
        ["pbx"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_calls_number", "calls", ["number"])
    op.create_index(
        "ix_calls_raw_number",
        "calls",
        ["raw_number"],
        sqlite_where=sa.text("number IS NULL"),
        postgresql_where=sa.text("number IS NULL"),
    )
    op.create_index("ix_calls_started_at_id", "calls", ["started_at", "id"])


def _create_parts_of_calls() -> None:
    op.create_table(
        "call_operators",
        sa.Column("call_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("operator_id", ROW_ID),
        sa.Column("ring_ms", sa.BigInteger(), nullable=False),
        sa.Column("talk_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ring_ms >= 0 AND talk_ms >= 0", name="ck_call_operators_durations"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name="fk_call_operators_call_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_call_operators_operator_id"
        ),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_call_operators"),
    )
    op.create_index(
        "ix_call_operators_operator_id_call_id", "call_operators", ["operator_id", "call_id"]
    )
    op.create_table(
        "call_recordings",
        sa.Column("call_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name="fk_call_recordings_call_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_call_recordings"),
    )


def _create_refused_calls() -> None:
    op.create_table(
        "refused_calls",
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("linkedid", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", "linkedid", name="pk_refused_calls"),
    )
