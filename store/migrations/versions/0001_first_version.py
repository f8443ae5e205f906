"""Everything the first version keeps."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORD_SEARCH_SQLITE = (
    """
    CREATE VIRTUAL TABLE memory_search USING fts5(
        text, content='memory_records', content_rowid='seq', tokenize='porter unicode61'
    )
    """,
    """
    CREATE TRIGGER memory_search_added AFTER INSERT ON memory_records BEGIN
        INSERT INTO memory_search(rowid, text) VALUES (new.seq, new.text);
    END
    """,
    """
    CREATE TRIGGER memory_search_removed AFTER DELETE ON memory_records BEGIN
        INSERT INTO memory_search(memory_search, rowid, text)
        VALUES ('delete', old.seq, old.text);
    END
    """,
    """
    CREATE TRIGGER memory_search_changed AFTER UPDATE OF text ON memory_records BEGIN
        INSERT INTO memory_search(memory_search, rowid, text)
        VALUES ('delete', old.seq, old.text);
        INSERT INTO memory_search(rowid, text) VALUES (new.seq, new.text);
    END
    """,
)
WORD_SEARCH_POSTGRESQL = (
    """
    ALTER TABLE memory_records
    ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', text)) STORED
    """,
    "CREATE INDEX ix_memory_records_search ON memory_records USING gin (search)",
)

TABLES_LAST_FIRST = (
    "usage_records",
    "events",
    "memory_records",
    "audience_events",
    "attempts",
    "approvals",
    "stage_entries",
    "posts",
    "releases",
    "works",
    "steps",
    "run_artists",
    "runs",
    "profile_versions",
    "artists",
)


def upgrade() -> None:
    _label()
    _runs()
    _making()
    _deciding()
    _audience()
    _memory()
    _logs()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in WORD_SEARCH_SQLITE if sqlite else WORD_SEARCH_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE memory_search")
    # Indexes and triggers go with their tables.
    for table in TABLES_LAST_FIRST:
        op.drop_table(table)


def _serial() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _entity() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    ]


def _label() -> None:
    op.create_table(
        "artists",
        *_entity(),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artists")),
        sa.UniqueConstraint("handle", name=op.f("uq_artists_handle")),
    )
    op.create_index(op.f("ix_artists_status"), "artists", ["status"], unique=False)
    op.create_table(
        "profile_versions",
        *_entity(),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artists.id"], name=op.f("fk_profile_versions_artist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_versions")),
        sa.UniqueConstraint(
            "artist_id", "number", name=op.f("uq_profile_versions_artist_id_number")
        ),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        *_entity(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("parent_run_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["parent_run_id"], ["runs.id"], name=op.f("fk_runs_parent_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_parent_run_id"), "runs", ["parent_run_id"], unique=False)
    op.create_index(op.f("ix_runs_status"), "runs", ["status"], unique=False)
    op.create_table(
        "run_artists",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artists.id"], name=op.f("fk_run_artists_artist_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_run_artists_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "artist_id", name=op.f("pk_run_artists")),
    )
    op.create_index(
        op.f("ix_run_artists_artist_id_run_id"),
        "run_artists",
        ["artist_id", "run_id"],
        unique=False,
    )
    op.create_table(
        "steps",
        sa.Column("seq", _serial(), autoincrement=True, nullable=False),
        *_entity(),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_steps_artist_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_steps_run_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_steps")),
        sa.UniqueConstraint("id", name=op.f("uq_steps_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_steps_run_id_seq"), "steps", ["run_id", "seq"], unique=False)


def _making() -> None:
    op.create_table(
        "works",
        *_entity(),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_works_artist_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_works_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works")),
    )
    op.create_index(op.f("ix_works_artist_id_id"), "works", ["artist_id", "id"], unique=False)
    op.create_index(op.f("ix_works_run_id"), "works", ["run_id"], unique=False)
    op.create_table(
        "releases",
        *_entity(),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_releases_artist_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_releases_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_artist_id_id"), "releases", ["artist_id", "id"], unique=False)
    op.create_index(op.f("ix_releases_run_id"), "releases", ["run_id"], unique=False)
    op.create_table(
        "posts",
        *_entity(),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_posts_artist_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_posts_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index(op.f("ix_posts_artist_id_id"), "posts", ["artist_id", "id"], unique=False)
    op.create_index(op.f("ix_posts_run_id"), "posts", ["run_id"], unique=False)
    op.create_table(
        "stage_entries",
        *_entity(),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("client_key", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artists.id"], name=op.f("fk_stage_entries_artist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_entries")),
        sa.UniqueConstraint("client_key", name=op.f("uq_stage_entries_client_key")),
    )
    op.create_index(
        op.f("ix_stage_entries_artist_id_published_at"),
        "stage_entries",
        ["artist_id", "published_at"],
        unique=False,
    )


def _deciding() -> None:
    op.create_table(
        "approvals",
        *_entity(),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_approvals_artist_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_approvals_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(
        op.f("ix_approvals_artist_id_status"), "approvals", ["artist_id", "status"], unique=False
    )
    op.create_index(op.f("ix_approvals_run_id"), "approvals", ["run_id"], unique=False)
    op.create_index(
        op.f("ix_approvals_status_expires_at"), "approvals", ["status", "expires_at"], unique=False
    )
    op.create_table(
        "attempts",
        *_entity(),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_attempts_artist_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_attempts_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_attempts_key")),
    )
    op.create_index(op.f("ix_attempts_run_id"), "attempts", ["run_id"], unique=False)


def _audience() -> None:
    op.create_table(
        "audience_events",
        sa.Column("seq", _serial(), autoincrement=True, nullable=False),
        *_entity(),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=True),
        sa.Column("work_id", sa.String(), nullable=True),
        sa.Column("post_id", sa.String(), nullable=True),
        sa.Column("visitor_id", sa.String(), nullable=False),
        sa.Column("perceived_in_run", sa.String(), nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artists.id"], name=op.f("fk_audience_events_artist_id")
        ),
        sa.ForeignKeyConstraint(
            ["perceived_in_run"], ["runs.id"], name=op.f("fk_audience_events_perceived_in_run")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_audience_events_post_id")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_audience_events_release_id")
        ),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_audience_events_work_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audience_events")),
        sa.UniqueConstraint("id", name=op.f("uq_audience_events_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_audience_events_artist_id_kind_seq"),
        "audience_events",
        ["artist_id", "kind", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audience_events_artist_id_perceived_in_run_seq"),
        "audience_events",
        ["artist_id", "perceived_in_run", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audience_events_post_id_kind_seq"),
        "audience_events",
        ["post_id", "kind", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audience_events_release_id_kind_seq"),
        "audience_events",
        ["release_id", "kind", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audience_events_visitor_id_created_at"),
        "audience_events",
        ["visitor_id", "created_at"],
        unique=False,
    )


def _memory() -> None:
    op.create_table(
        "memory_records",
        sa.Column("seq", _serial(), autoincrement=True, nullable=False),
        *_entity(),
        sa.Column("artist_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("source_run_id", sa.String(), nullable=True),
        sa.Column("superseded_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artists.id"], name=op.f("fk_memory_records_artist_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_run_id"], ["runs.id"], name=op.f("fk_memory_records_source_run_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_memory_records")),
        sa.UniqueConstraint(
            "artist_id",
            "kind",
            "text_sha256",
            name=op.f("uq_memory_records_artist_id_kind_text_sha256"),
        ),
        sa.UniqueConstraint("id", name=op.f("uq_memory_records_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_memory_records_artist_id_kind_happened_at"),
        "memory_records",
        ["artist_id", "kind", "happened_at"],
        unique=False,
    )


def _logs() -> None:
    op.create_table(
        "events",
        sa.Column("id", _serial(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("artist_id", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("subject_id", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_artist_id_id"), "events", ["artist_id", "id"], unique=False)
    op.create_index(op.f("ix_events_run_id_id"), "events", ["run_id", "id"], unique=False)
    op.create_table(
        "usage_records",
        sa.Column("seq", _serial(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("artist_id", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("counted_by", sa.String(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=False),
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.Column("latency_s", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_usage_records")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_usage_records_artist_id_at"), "usage_records", ["artist_id", "at"], unique=False
    )
    op.create_index(op.f("ix_usage_records_at"), "usage_records", ["at"], unique=False)
    op.create_index(op.f("ix_usage_records_run_id"), "usage_records", ["run_id"], unique=False)
