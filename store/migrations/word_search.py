"""The index of everything by its words: built as the nouns stand at revision 0004."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

AT_ONCE = 500
SQLITE = (
    """
    CREATE VIRTUAL TABLE word_search USING fts5(
        title, text, content='search_entries', content_rowid='seq',
        tokenize='unicode61 remove_diacritics 2', prefix='2 3'
    )
    """,
    """
    CREATE TRIGGER word_search_added AFTER INSERT ON search_entries BEGIN
        INSERT INTO word_search(rowid, title, text) VALUES (new.seq, new.title, new.text);
    END
    """,
    """
    CREATE TRIGGER word_search_removed AFTER DELETE ON search_entries BEGIN
        INSERT INTO word_search(word_search, rowid, title, text)
        VALUES ('delete', old.seq, old.title, old.text);
    END
    """,
    """
    CREATE TRIGGER word_search_changed AFTER UPDATE OF title, text ON search_entries BEGIN
        INSERT INTO word_search(word_search, rowid, title, text)
        VALUES ('delete', old.seq, old.title, old.text);
        INSERT INTO word_search(rowid, title, text) VALUES (new.seq, new.title, new.text);
    END
    """,
)
POSTGRESQL = (
    """
    ALTER TABLE search_entries ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', text), 'D')
    ) STORED
    """,
    "CREATE INDEX ix_search_entries_search ON search_entries USING gin (search)",
)
ENTRIES = sa.table(
    "search_entries",
    *(sa.column(name, sa.String()) for name in ("kind", "subject_id", "artist_id", "run_id")),
    *(sa.column(name, sa.Text()) for name in ("title", "text")),
    sa.column("at", sa.DateTime(timezone=True)),
)
Body = dict[str, Any]
Made = tuple[str, str, str]


def make_word_search() -> None:
    """Create the index, and fill it with what there is."""
    op.create_table(
        "search_entries",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        *(sa.Column(n, sa.String(), nullable=False) for n in ("kind", "subject_id", "artist_id")),
        sa.Column("run_id", sa.String(), nullable=True),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("title", "text")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_search_entries_kind_subject_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_search_entries_kind_title"), "search_entries", ["kind", "title"])
    for statement in SQLITE if _on_sqlite() else POSTGRESQL:
        op.execute(statement)
    for table, read in READERS.items():
        _fill(table, read)


def drop_word_search() -> None:
    """Take the index away; its triggers go with its table."""
    if _on_sqlite():
        op.execute("DROP TABLE word_search")
    op.drop_table("search_entries")


def _fill(name: str, read: Callable[[Body], Iterator[Made]]) -> None:
    """Read a table in pieces; of an artist's profiles the newest stands for all."""
    columns = ["id", "updated_at", "body", *COLUMNS[name]]
    types: dict[str, Any] = {"body": sa.JSON(), "updated_at": sa.DateTime(timezone=True)}
    table = sa.table(name, *(sa.column(c, types.get(c, sa.String())) for c in columns))
    connection = op.get_bind()
    query = sa.select(table)
    if name == "profile_versions":
        own = table.alias("own")
        newest = sa.select(sa.func.max(own.c.number)).where(own.c.artist_id == table.c.artist_id)
        query = query.where(table.c.number == newest.scalar_subquery())
    last = ""
    while rows := connection.execute(
        query.where(table.c.id > last).order_by(table.c.id).limit(AT_ONCE)
    ).all():
        found = [entry for row in rows for entry in _entries(name, row._mapping, read)]
        if found:
            connection.execute(ENTRIES.insert(), found)
        last = rows[-1].id


def _entries(name: str, row: Any, read: Callable[[Body], Iterator[Made]]) -> Iterator[Body]:
    body = row["body"] | {c: row[c] for c in COLUMNS[name]}
    artist_id = row["id"] if name == "artists" else body.get("artist_id")
    artist_id = artist_id or (body.get("artist_ids") or [""])[0]
    for kind, title, text in read(body):
        yield {
            "kind": kind,
            "subject_id": artist_id if name == "profile_versions" else row["id"],
            "artist_id": artist_id,
            "run_id": row["id"] if name == "runs" else body.get("run_id"),
            "title": title,
            "text": text,
            "at": row["updated_at"],
        }


def _artist(body: Body) -> Iterator[Made]:
    yield "artist", body["stage_name"], f"{body['handle'].replace('-', ' ')} / {body['brief']}"


def _profile(body: Body) -> Iterator[Made]:
    profile = body["profile"]
    themes = ", ".join(profile.get("themes", ()))
    yield "profile", profile["stage_name"], f"{profile['biography']} / {themes}"


def _work(body: Body) -> Iterator[Made]:
    concept = body["concept"]
    images = ", ".join(concept.get("images", ()))
    yield "work", body["title"], f"{concept['theme']} / {concept['story']} / {images}"
    lines = [line for section in body.get("lyrics", ()) for line in section["lines"]]
    if lines:
        yield "lyrics", body["title"], " / ".join(lines)


def _post(body: Body) -> Iterator[Made]:
    yield "post", "", body["payload"]["text"]


def _run(body: Body) -> Iterator[Made]:
    action, failure = body.get("action"), body.get("failure")
    if action or failure:
        told = (failure or {}).get("message", "")
        yield "run", "", f"{body['kind']} / {(action or '').replace('_', ' ')} / {told}"


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


COLUMNS = {
    "artists": ("handle",),
    "profile_versions": ("artist_id", "number"),
    "works": ("artist_id", "run_id"),
    "posts": ("artist_id", "run_id"),
    "runs": ("kind",),
}
READERS: dict[str, Callable[[Body], Iterator[Made]]] = {
    "artists": _artist,
    "profile_versions": _profile,
    "works": _work,
    "posts": _post,
    "runs": _run,
}
