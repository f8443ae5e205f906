"""Answers already paid for, found again by the exact request."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any, Protocol

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
    """One SQLite file, opened at first use; several processes may share it.

    Each call is one function in a thread: a cancelled task cannot leave a transaction open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()

    async def get(self, key: str) -> Completion | None:
        """The stored completion; counts a hit."""
        query = "UPDATE answers SET hits = hits + 1 WHERE key = ? RETURNING completion"
        row = await asyncio.to_thread(self._run, query, (key,))
        return Completion.model_validate_json(row[0]) if row else None

    async def put(self, key: str, prompt: str, completion: Completion) -> None:
        """Store a completion; the first one stays."""
        statement = "INSERT OR IGNORE INTO answers (key, prompt, completion) VALUES (?, ?, ?)"
        await asyncio.to_thread(self._run, statement, (key, prompt, completion.model_dump_json()))

    async def hits(self) -> int:
        """Answers given from the cache so far, by all processes."""
        query = "SELECT coalesce(sum(hits), 0) FROM answers"
        row = await asyncio.to_thread(self._run, query, ())
        return int(row[0]) if row else 0

    async def aclose(self) -> None:
        """Close the file."""
        await asyncio.to_thread(self._close)

    def _run(self, statement: str, values: tuple[str, ...]) -> tuple[Any, ...] | None:
        with self._one_at_a_time, self._opened() as db:
            row: tuple[Any, ...] | None = db.execute(statement, values).fetchone()
            return row

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, timeout=10, check_same_thread=False)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            with db:
                db.execute(_TABLE)
                db.execute(
                    "DELETE FROM answers WHERE rowid <= (SELECT max(rowid) FROM answers) - ?",
                    (_ROWS_KEPT,),
                )
            self._db = db
        return self._db

    def _close(self) -> None:
        with self._one_at_a_time:
            if self._db is not None:
                self._db.close()
                self._db = None
