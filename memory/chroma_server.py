"""Vectors on a Chroma server, shared by all processes of a label: one collection per artist.

Speaks Chroma's HTTP interface (version 2) itself: Chroma's own asynchronous client waits for ever
for a server that hangs, does not check certificates, and keeps its connections past their loop.
Every call may be made twice, so one that a restart cut is simply made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import numpy as np

from domain.errors import EnvironmentProblem, InvalidInput, NotFound
from domain.memory import MemoryKind
from memory.vectors import HNSW, Indexed, VectorHit

SETTING = "GREENROOM_CHROMA_URL"
COLLECTIONS = "api/v2/tenants/default_tenant/databases/default_database/collections"
TIMEOUT_S = 20.0
WAITS_S = (0.2, 0.6, 1.5)
BATCH = 1000
Json = Mapping[str, Any]


class ChromaServerVectors:
    """Implements `memory.vectors.VectorIndex` on the server at `url`; use it from one loop."""

    def __init__(self, url: str, waits_s: Sequence[float] = WAITS_S) -> None:
        self._collections = f"{_checked(url).rstrip('/')}/{COLLECTIONS}"
        self._waits_s = waits_s
        # It stands beside the label: a proxy to the outside leads nowhere.
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
        self._rooms: dict[str, str] = {}

    async def embedder(self, artist_id: str) -> str | None:
        """The embedder of the artist's collection."""
        found = await self._find(artist_id)
        return None if found is None else str((found["metadata"] or {}).get("embedder"))

    async def reset(self, artist_id: str, embedder: str) -> None:
        """Delete the artist's collection and create an empty one."""
        name = _name(artist_id)
        if await self._find(artist_id) is not None:
            await self._call("DELETE", f"/{name}")
        # Another process may have made it meanwhile: that one will do.
        made = await self._call(
            "POST",
            "",
            {
                "name": name,
                "metadata": {"embedder": embedder},
                "configuration": {"hnsw": dict(HNSW)},
                "get_or_create": True,
            },
        )
        self._rooms[artist_id] = str(made["id"])

    async def put(self, artist_id: str, items: Sequence[Indexed]) -> None:
        """Add or replace vectors."""
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            await self._ask(
                artist_id,
                "upsert",
                ids=[item.record_id for item in batch],
                embeddings=[item.vector for item in batch],
                metadatas=[{"kind": item.kind} for item in batch],
            )

    async def ids(self, artist_id: str) -> set[str]:
        """Every record that has a vector."""
        known: set[str] = set()
        try:
            while True:
                page = await self._ask(artist_id, "get", include=[], limit=BATCH, offset=len(known))
                known.update(page["ids"])
                if len(page["ids"]) < BATCH:
                    return known
        except NotFound:
            return set()

    async def nearest(
        self, artist_id: str, kinds: Sequence[MemoryKind], vector: Sequence[float], limit: int
    ) -> list[VectorHit]:
        """Ask the collection, filtered by kind."""
        if not kinds:
            return []
        found = await self._ask(
            artist_id,
            "query",
            query_embeddings=[list(vector)],
            n_results=limit,
            where={"kind": {"$in": [*kinds]}},
            include=["distances"],
        )
        return [
            VectorHit(record_id=record_id, similarity=1 - distance)
            for record_id, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    async def similarities(
        self, artist_id: str, record_ids: Sequence[str], vector: Sequence[float]
    ) -> dict[str, float]:
        """Fetch the vectors and compare them here."""
        if not record_ids:
            return {}
        found = await self._ask(artist_id, "get", ids=list(record_ids), include=["embeddings"])
        if not found["ids"]:
            return {}
        values = np.asarray(found["embeddings"], dtype=np.float32) @ np.asarray(
            vector, dtype=np.float32
        )
        return dict(zip(found["ids"], (float(value) for value in values), strict=True))

    async def remove(self, artist_id: str, record_ids: Sequence[str]) -> None:
        """Delete vectors."""
        if not record_ids:
            return
        try:
            await self._ask(artist_id, "delete", ids=list(record_ids))
        except NotFound:
            return

    async def check(self) -> None:
        """Raise `EnvironmentProblem` unless the server answers."""
        await self._call("GET", "?limit=1")

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def _ask(self, artist_id: str, verb: str, **asked: Any) -> Json:
        """Ask the artist's collection; raises `NotFound` where there is none, or no longer."""
        room = self._rooms.get(artist_id)
        if room is None:
            found = await self._find(artist_id)
            if found is None:
                raise _no_room(artist_id)
            room = str(found["id"])
        try:
            return await self._call("POST", f"/{room}/{verb}", asked)
        except NotFound:
            self._rooms.pop(artist_id, None)
            raise

    async def _find(self, artist_id: str) -> Json | None:
        self._rooms.pop(artist_id, None)
        try:
            found = await self._call("GET", f"/{_name(artist_id)}")
        except NotFound:
            return None
        self._rooms[artist_id] = str(found["id"])
        return found

    async def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        for wait_s in self._waits_s:
            try:
                return await self._once(method, path, body)
            except EnvironmentProblem:
                await asyncio.sleep(wait_s)
        return await self._once(method, path, body)

    async def _once(self, method: str, path: str, body: Json | None) -> Json:
        try:
            answer = await self._client.request(method, self._collections + path, json=body)
        except httpx.TransportError as error:
            raise _away(f"{type(error).__name__} {error}".strip()) from error
        if answer.status_code == httpx.codes.NOT_FOUND and method != "DELETE":
            raise NotFound("there is no such collection of vectors")
        if answer.is_error and answer.status_code != httpx.codes.NOT_FOUND:
            raise _away(f"it answers {answer.status_code}: {answer.text[:200]}")
        return _read(answer)


def _read(answer: httpx.Response) -> Json:
    try:
        said = answer.json()
    except ValueError as error:
        raise _away("it answers something else than Chroma does") from error
    return said if isinstance(said, dict) else {"items": said}


def _checked(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query:
        raise InvalidInput(
            "the address of the Chroma server cannot be used",
            field=SETTING,
            remedy="Write it as http://host:8000.",
        )
    return url


def _away(why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"the Chroma server cannot be used now: {why}",
        field=SETTING,
        remedy="Check that it is up and in reach; nothing in it is the only copy.",
    )


def _no_room(artist_id: str) -> NotFound:
    return NotFound(f"there are no vectors of {artist_id}")


def _name(artist_id: str) -> str:
    return f"memory-{artist_id}"
