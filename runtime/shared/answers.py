"""Answers already paid for, found again by the exact request."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from domain.ports.model import Completion

_KEPT = 20_000
# Tallies are written along with answers, and by themselves after so many look-ups.
_TALLY_EVERY = 200
_TABLES = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, prompt TEXT NOT NULL, completion TEXT NOT NULL,
    stored_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS tallies (name TEXT PRIMARY KEY, count INTEGER NOT NULL);
"""
_TALLY = (
    "INSERT INTO tallies (name, count) VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET count = count + excluded.count"
)


class CacheCounts(BaseModel):
    """Look-ups that found something and that did not."""

    model_config = ConfigDict(frozen=True)

    hits: int = 0
    misses: int = 0

    @property
    def rate(self) -> float | None:
        """Share of look-ups that found something; None before the first."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


class AnswerCache(Protocol):
    """Maps a request's content hash to its completion and counts hits and misses."""

    async def get(self, key: str) -> Completion | None:
        """The stored completion; counts a hit or a miss."""

    async def put(self, key: str, prompt: str, completion: Completion) -> None:
        """Store a completion."""

    async def counts(self) -> CacheCounts:
        """Look-ups so far, by all who share the cache."""

    async def aclose(self) -> None:
        """Let go of files."""


class MemoryAnswerCache:
    """Forgets when the process ends, and the oldest answers before."""

    def __init__(self, most: int = _KEPT) -> None:
        self._answers: OrderedDict[str, Completion] = OrderedDict()
        self._most = most
        self._hits = 0
        self._misses = 0

    async def get(self, key: str) -> Completion | None:
        """The stored completion; counts a hit or a miss."""
        found = self._answers.get(key)
        self._hits += found is not None
        self._misses += found is None
        return found

    async def put(self, key: str, prompt: str, completion: Completion) -> None:
        """Store a completion; the first one stays."""
        self._answers.setdefault(key, completion)
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)

    async def counts(self) -> CacheCounts:
        """Look-ups so far."""
        return CacheCounts(hits=self._hits, misses=self._misses)

    async def aclose(self) -> None:
        """Nothing to close."""


class SqliteAnswerCache:
    """One SQLite file, opened at first use; several processes may share it.

    Each call is one function in a thread: a cancelled task cannot leave a transaction open.
    Hits and misses are summed in the process and written down now and then, so that looking an
    answer up writes nothing; what a killed process had not written is not counted.
    """

    def __init__(self, path: Path, most: int = _KEPT) -> None:
        self._path = path
        self._most = most
        self._db: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()
        self._unwritten = {"hits": 0, "misses": 0}

    async def get(self, key: str) -> Completion | None:
        """The stored completion; counts a hit or a miss."""
        text = await asyncio.to_thread(self._get, key)
        return Completion.model_validate_json(text) if text else None

    async def put(self, key: str, prompt: str, completion: Completion) -> None:
        """Store a completion; the first one stays."""
        await asyncio.to_thread(self._put, key, prompt, completion.model_dump_json())

    async def counts(self) -> CacheCounts:
        """Look-ups so far, by all processes as far as they are written down."""
        return CacheCounts.model_validate(await asyncio.to_thread(self._counts))

    async def aclose(self) -> None:
        """Close the file."""
        await asyncio.to_thread(self._close)

    def _get(self, key: str) -> str | None:
        with self._one_at_a_time:
            db = self._opened()
            query = "SELECT completion FROM answers WHERE key = ?"
            row: tuple[str] | None = db.execute(query, (key,)).fetchone()
            self._unwritten["hits" if row else "misses"] += 1
            if sum(self._unwritten.values()) >= _TALLY_EVERY:
                with db:
                    self._write_tallies(db)
            return row[0] if row else None

    def _put(self, key: str, prompt: str, completion: str) -> None:
        statement = "INSERT OR IGNORE INTO answers (key, prompt, completion) VALUES (?, ?, ?)"
        with self._one_at_a_time, self._opened() as db:
            cursor = db.execute(statement, (key, prompt, completion))
            oldest = "DELETE FROM answers WHERE rowid <= ?"
            db.execute(oldest, ((cursor.lastrowid or 0) - self._most,))
            self._write_tallies(db)

    def _counts(self) -> dict[str, Any]:
        with self._one_at_a_time, self._opened() as db:
            self._write_tallies(db)
            return dict(db.execute("SELECT name, count FROM tallies").fetchall())

    def _write_tallies(self, db: sqlite3.Connection) -> None:
        db.executemany(_TALLY, [(name, count) for name, count in self._unwritten.items() if count])
        self._unwritten = dict.fromkeys(self._unwritten, 0)

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, timeout=10, check_same_thread=False)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            with db:
                db.executescript(_TABLES)
            self._db = db
        return self._db

    def _close(self) -> None:
        with self._one_at_a_time:
            if self._db is not None:
                with self._db:
                    self._write_tallies(self._db)
                self._db.close()
                self._db = None
