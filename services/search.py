"""Look for anything of the label by its words, as far as the person may see it."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.artist import Artist
from domain.search import SEARCH_KINDS, Entry, SearchKind, asked_words
from services.base import Service

# Of memories this many at most stand among other things; alone they fill the list.
MEMORIES_AMONG_OTHERS = 8


class Found(BaseModel):
    """One thing that has the words, and whose it is."""

    model_config = ConfigDict(frozen=True)

    entry: Entry
    artist: Artist | None


class SearchService(Service):
    """Reads the index of words; writes nothing."""

    async def find(
        self,
        actor: Actor,
        query: str,
        kinds: Collection[SearchKind] = SEARCH_KINDS,
        limit: int = 40,
        skip: int = 0,
    ) -> list[Found]:
        """What has every word of the query, as a word's beginning; nothing for no words.

        A page further on is behind those that are skipped; the store ranks so many at most.
        """
        actor.must_read()
        words = asked_words(query)
        if not words:
            return []
        indexed = [kind for kind in kinds if kind != "memory"]
        end = skip + limit
        async with self.database.unit() as unit:
            found = await unit.search.find(words, indexed, end, actor.artists)
            if "memory" in kinds:
                most = end if not indexed else MEMORIES_AMONG_OTHERS
                found += await unit.search.memories(words, most, actor.artists)
            artists = await unit.artists.many(entry.artist_id for entry in found)
        ordered = sorted(found, key=lambda entry: not _called_so(entry, words))
        return [Found(entry=e, artist=artists.get(e.artist_id)) for e in ordered[skip:end]]


def _called_so(entry: Entry, words: Collection[str]) -> bool:
    title = entry.title.lower()
    return all(word in title for word in words)
