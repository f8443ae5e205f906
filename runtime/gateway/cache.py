"""Answers already paid for, found again by the exact request."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import aiosqlite

from domain.ports.model import Completion

_ROWS_KEPT = 20_000
_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, prompt TEXT NOT NULL, completion TEXT NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0, stored_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""


class AnswerCache(Protocol):
    """Maps a request's content hash to its completion and counts the hits."""

    async def get(self, key: str) -> Completion | None:
        """The stored completion; counts a hit."""

    async def put(self, key: str, prompt: str, completion: Completion) -> None:
        """Store a completion."""

    async def hits(self) -> int:
        """Answers given from the cache so far."""

    async def aclose(self) -> None:
        """Let go of files."""


class MemoryAnswerCache:
    """Forgets when the process ends."""

    def __init__(self) -> None:
        self._answers: dict[str, Completion] = {}
        self._hits = 0

    async def get(self, key: str) -> Completion | None:
        """The stored completion; counts a hit."""
        found = self._answers.get(key)
        self._hits += found is not None
        return found

    async def put(self, key: str, prompt: str, completion: Completion) -> None:
        """Store a completion."""
        self._answers[key] = completion

    async def hits(self) -> int:
        """Answers given from the cache so far."""
        return self._hits

    async def aclose(self) -> None:
        """Nothing to close."""


class SqliteAnswerCache:
    """One SQLite file, opened at first use; several processes may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: aiosqlite.Connection | None = None

    async def get(self, key: str) -> Completion | None:
        """The stored completion; counts a hit."""
        db = await self._open()
        query = "UPDATE answers SET hits = hits + 1 WHERE key = ? RETURNING completion"
        async with db.execute(query, (key,)) as rows:
            row = await rows.fetchone()
        await db.commit()
        return Completion.model_validate_json(row[0]) if row else None

    async def put(self, key: str, prompt: str, completion: Completion) -> None:
        """Store a completion; the first one stays."""
        db = await self._open()
        await db.execute(
            "INSERT OR IGNORE INTO answers (key, prompt, completion) VALUES (?, ?, ?)",
            (key, prompt, completion.model_dump_json()),
        )
        await db.commit()

    async def hits(self) -> int:
        """Answers given from the cache so far, by all processes."""
        db = await self._open()
        async with db.execute("SELECT coalesce(sum(hits), 0) FROM answers") as rows:
            row = await rows.fetchone()
        return int(row[0]) if row else 0

    async def aclose(self) -> None:
        """Close the file."""
        if self._db is not None:
            await self._db.close()
            self._db = None

    async def _open(self) -> aiosqlite.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = await aiosqlite.connect(self._path, timeout=10)
            await db.execute("PRAGMA journal_mode=WAL")
            await db.execute("PRAGMA synchronous=NORMAL")
            await db.execute(_TABLE)
            await db.execute(
                "DELETE FROM answers WHERE rowid <= (SELECT max(rowid) FROM answers) - ?",
                (_ROWS_KEPT,),
            )
            await db.commit()
            self._db = db
        return self._db
