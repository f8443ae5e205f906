"""Vectors in Chroma, inside the process: one collection per artist.

A collection per artist keeps a query at milliseconds where one big collection with a filter
costs a tenth of a second, and makes isolation a matter of naming. Chroma loses vectors without
an error when two processes open one path: whoever makes this holds the home's lock.

Each collection in use takes 3 MB and four open files, so only the last few stay open. What is
not on disk when Chroma closes one, it cannot open again: everything is written through.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateCollectionConfiguration
from chromadb.api.models.Collection import Collection
from chromadb.api.rust import RustBindingsAPI
from chromadb.api.types import Where
from chromadb.config import Settings, System
from chromadb.errors import InternalError, NotFoundError

from domain.errors import NotFound
from domain.memory import MemoryKind
from memory.vectors import HNSW, Indexed, VectorHit

Result = TypeVar("Result")
ROOMS = 64
# A sixteenth of the files that a process may open, at four files a room, is a quarter of them.
FILES_A_ROOM = 16
NOT_ON_DISK = "Nothing found on disk"


class ChromaVectors:
    """A folder of Chroma's. Calls run on one thread of its own, one after another."""

    def __init__(self, path: Path, rooms: int | None = None) -> None:
        self._path = path
        self._rooms = rooms or min(ROOMS, _open_files() // FILES_A_ROOM)
        self._thread = ThreadPoolExecutor(1, "chroma")
        self._opened: Client | None = None

    async def embedder(self, artist_id: str) -> str | None:
        """The embedder of the artist's collection."""
        collection = await self._run(lambda: self._find(artist_id))
        return None if collection is None else str((collection.metadata or {}).get("embedder"))

    async def reset(self, artist_id: str, embedder: str) -> None:
        """Delete the artist's collection and create an empty one."""
        await self._run(lambda: self._reset(artist_id, embedder))

    async def put(self, artist_id: str, items: Sequence[Indexed]) -> None:
        """Add or replace vectors."""
        if items:
            await self._in_room(artist_id, lambda: self._put(artist_id, items))

    async def ids(self, artist_id: str) -> set[str]:
        """Every record that has a vector."""
        return await self._run(lambda: self._ids(artist_id))

    async def nearest(
        self, artist_id: str, kinds: Sequence[MemoryKind], vector: Sequence[float], limit: int
    ) -> list[VectorHit]:
        """Ask the collection, filtered by kind."""
        return await self._in_room(
            artist_id, lambda: self._nearest(artist_id, kinds, vector, limit)
        )

    async def similarities(
        self, artist_id: str, record_ids: Sequence[str], vector: Sequence[float]
    ) -> dict[str, float]:
        """Fetch the vectors and compare them here."""
        return await self._in_room(
            artist_id, lambda: self._similarities(artist_id, record_ids, vector)
        )

    async def remove(self, artist_id: str, record_ids: Sequence[str]) -> None:
        """Delete vectors."""
        if record_ids:
            await self._in_room(artist_id, lambda: self._remove(artist_id, record_ids))

    async def aclose(self) -> None:
        """Close the folder, so that another process may open it."""
        if self._opened is not None:
            await self._run(self._opened.close)
            self._opened = None
        self._thread.shutdown()

    async def _run(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _in_room(self, artist_id: str, call: Callable[[], Result]) -> Result:
        """Do something with a collection; one of an older release may be lost when it is closed.

        Raises `NotFound` then, so that it is made again from the records.
        """
        try:
            return await self._run(call)
        except InternalError as error:
            if NOT_ON_DISK not in str(error):
                raise
            await self._run(lambda: self._client().delete_collection(_name(artist_id)))
            raise NotFound(f"the vectors of {artist_id} are lost") from error

    def _client(self) -> Client:
        if self._opened is None:
            # As `chromadb.PersistentClient` does it, but for how many collections stay open.
            settings = Settings(
                is_persistent=True, persist_directory=str(self._path), anonymized_telemetry=False
            )
            system = System(settings)
            system.instance(RustBindingsAPI).hnsw_cache_size = self._rooms
            system.start()
            self._opened = Client.from_system(system)
        return self._opened

    def _find(self, artist_id: str) -> Collection | None:
        # embedding_function=None everywhere: Chroma's default one downloads a model.
        try:
            return self._client().get_collection(_name(artist_id), embedding_function=None)
        except NotFoundError:
            return None

    def _room(self, artist_id: str) -> Collection:
        collection = self._find(artist_id)
        if collection is None:
            raise NotFound(f"there are no vectors of {artist_id}")
        return collection

    def _reset(self, artist_id: str, embedder: str) -> None:
        if self._find(artist_id) is not None:
            self._client().delete_collection(_name(artist_id))
        self._client().create_collection(
            _name(artist_id),
            embedding_function=None,
            metadata={"embedder": embedder},
            configuration=cast(CreateCollectionConfiguration, {"hnsw": HNSW}),
        )

    def _put(self, artist_id: str, items: Sequence[Indexed]) -> None:
        collection = self._room(artist_id)
        step = self._client().get_max_batch_size()
        for start in range(0, len(items), step):
            batch = items[start : start + step]
            collection.upsert(
                ids=[item.record_id for item in batch],
                embeddings=np.asarray([item.vector for item in batch], dtype=np.float32),
                metadatas=[{"kind": item.kind} for item in batch],
            )

    def _ids(self, artist_id: str) -> set[str]:
        collection = self._find(artist_id)
        return set() if collection is None else set(collection.get(include=[])["ids"])

    def _nearest(
        self, artist_id: str, kinds: Sequence[MemoryKind], vector: Sequence[float], limit: int
    ) -> list[VectorHit]:
        collection = self._room(artist_id)
        if not kinds:
            return []
        # Cast: the type of Chroma's filters does not fit together with itself.
        wanted = cast(Where, {"kind": {"$in": [*kinds]}})
        found = collection.query(
            query_embeddings=np.asarray([vector], dtype=np.float32),
            n_results=limit,
            where=wanted,
            include=["distances"],
        )
        distances = found["distances"] or [[]]
        return [
            VectorHit(record_id=record_id, similarity=1 - distance)
            for record_id, distance in zip(found["ids"][0], distances[0], strict=True)
        ]

    def _similarities(
        self, artist_id: str, record_ids: Sequence[str], vector: Sequence[float]
    ) -> dict[str, float]:
        collection = self._room(artist_id)
        if not record_ids:
            return {}
        found = collection.get(ids=list(record_ids), include=["embeddings"])
        vectors = np.asarray(found["embeddings"], dtype=np.float32)
        if not found["ids"]:
            return {}
        values = vectors @ np.asarray(vector, dtype=np.float32)
        return dict(zip(found["ids"], (float(value) for value in values), strict=True))

    def _remove(self, artist_id: str, record_ids: Sequence[str]) -> None:
        collection = self._find(artist_id)
        if collection is not None:
            collection.delete(ids=list(record_ids))


def _open_files() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _name(artist_id: str) -> str:
    return f"memory-{artist_id}"
