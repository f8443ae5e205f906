"""Measures recall@5 by words, by vectors and fused: `python -m benchmarks.memory [--lives 3]`.

The product's own parts: SQLite with FTS5, Chroma, MiniLM. Also times a recall and a memory.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.life import ARTIST, NOW, Question, live
from domain.artist import Artist
from domain.memory import MEMORY_KINDS
from domain.mood import Mood
from memory.chroma import ChromaVectors
from memory.memory import ArtistMemory
from memory.scoring import Weights
from runtime.embedder import MiniLmEmbedder
from store.database import Database
from store.memory_records import SqlMemoryRecords
from store.migrate import upgrade

TOP = 5
Find = Callable[[str], Awaitable[list[str]]]
FUSIONS = {
    "fused (the default)": Weights(),
    "fused, recency as heavy as relevance": Weights(recency=1.0, recency_now=1.0),
    "fused, no recency at all": Weights(recency=0.0, recency_now=0.0),
    "fused, words 0.2": Weights(lexical=0.2),
    "fused, words 0.6": Weights(lexical=0.6),
}


class Bench:
    """One life in one home."""

    def __init__(self, database: Database, vectors: ChromaVectors) -> None:
        self.records = SqlMemoryRecords(database)
        self.vectors = vectors
        self.embedder = MiniLmEmbedder()

    async def by_words(self, question: str) -> list[str]:
        """Ids of the records that SQL finds."""
        hits = await self.records.lexical(ARTIST, MEMORY_KINDS, question, TOP)
        return [hit.record.id for hit in hits]

    async def by_vectors(self, question: str) -> list[str]:
        """Ids of the records that Chroma finds."""
        (vector,) = await self.embedder.embed([question])
        hits = await self.vectors.nearest(ARTIST, MEMORY_KINDS, vector, TOP)
        return [hit.record_id for hit in hits]

    def fused(self, weights: Weights) -> Find:
        """Memory with these weights."""
        memory = ArtistMemory(self.records, self.vectors, self.embedder, weights)

        async def find(question: str) -> list[str]:
            found = await memory.recall(ARTIST, MEMORY_KINDS, question, now=NOW, limit=TOP)
            return [recalled.record.id for recalled in found]

        return find

    def ways(self) -> dict[str, Find]:
        """Every way of finding, by name."""
        fusions = {name: self.fused(weights) for name, weights in FUSIONS.items()}
        return {"words only": self.by_words, "vectors only": self.by_vectors, **fusions}


Counts = dict[str, dict[str, list[bool]]]


async def measure(seed: int, found: Counts, folder: Path) -> str:
    """Live one life and ask its questions; returns how long things took."""
    url = f"sqlite+aiosqlite:///{folder / 'label.db'}"
    await upgrade(url)
    database = Database(url)
    vectors = ChromaVectors(folder / "chroma")
    async with database.unit() as unit:
        await unit.artists.add(_artist())
        await unit.commit()
    bench = Bench(database, vectors)
    records, questions = live(seed)
    memory = ArtistMemory(bench.records, vectors, bench.embedder)
    start = time.perf_counter()
    for record in records:
        await memory.remember(record)
    remembering = (time.perf_counter() - start) / len(records)
    recalling = 0.0
    for name, find in bench.ways().items():
        start = time.perf_counter()
        await ask(questions, find, found[name])
        if name.endswith("(the default)"):
            recalling = (time.perf_counter() - start) / len(questions)
    await vectors.aclose()
    await database.close()
    return (
        f"life {seed}: {len(records)} memories, {len(questions)} questions, "
        f"{remembering * 1000:.0f} ms to remember, {recalling * 1000:.0f} ms to recall"
    )


async def ask(questions: Sequence[Question], find: Find, found: dict[str, list[bool]]) -> None:
    """Note for each question whether its answer was among the first five."""
    for question in questions:
        hit = question.answer_id in await find(question.text)
        found[question.sort].append(hit)
        found["all"].append(hit)


def _artist() -> Artist:
    return Artist(
        id=ARTIST,
        created_at=NOW,
        updated_at=NOW,
        handle="benchmark",
        stage_name="Benchmark",
        brief="a life to be asked about",
        genre_pack="folk",
        seed=1,
        mood=Mood(at=NOW),
    )


def table(found: Counts) -> Table:
    """One row a way of finding."""
    made = Table(title=f"recall@{TOP}, per cent")
    sorts = ("named", "mixed", "reworded", "now", "all")
    made.add_column("way")
    for sort in sorts:
        made.add_column(sort, justify="right")
    for name, by_sort in found.items():
        shares = [100 * sum(by_sort[sort]) / len(by_sort[sort]) for sort in sorts]
        made.add_row(name, *(f"{share:.0f}" for share in shares))
    return made


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=3, help="how many made-up lives")
    lives: int = parser.parse_args().lives
    found: Counts = defaultdict(lambda: defaultdict(list))
    console = Console()
    for seed in range(lives):
        with tempfile.TemporaryDirectory() as folder:
            console.print(await measure(seed, found, Path(folder)))
    console.print(table(found))


if __name__ == "__main__":
    asyncio.run(main())
