"""Which words a noun is found by. The word index is written with the noun, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from domain.artist import Artist
from domain.directive import Directive
from domain.entity import Entity
from domain.post import Post
from domain.profile import ProfileVersion
from domain.run import Run
from domain.search import Entry
from domain.work import Work
from store.session import Session
from store.tables import search_entries


def entries_of(entity: Entity) -> list[Entry]:
    """The entries of a noun; none where nobody looks for it by words."""
    read = _READERS.get(type(entity))
    return [] if read is None else read(entity)


async def index_entries(session: Session, entries: Sequence[Entry]) -> None:
    """Write entries; one whose words did not change is left as it is."""
    if not entries:
        return
    dialect = sqlite if session.dialect == "sqlite" else postgresql
    statement = dialect.insert(search_entries).values([entry.model_dump() for entry in entries])
    new = statement.excluded
    changed = (search_entries.c.title != new.title) | (search_entries.c.text != new.text)
    await session.write(
        statement.on_conflict_do_update(
            index_elements=["kind", "subject_id"],
            set_={"title": new.title, "text": new.text, "at": new.at},
            where=changed,
        )
    )


def _artist(artist: Artist) -> list[Entry]:
    text = f"{artist.handle.replace('-', ' ')} / {artist.brief}"
    return [_entry("artist", artist, artist.id, artist.stage_name, text)]


def _profile(version: ProfileVersion) -> list[Entry]:
    profile = version.profile
    text = " / ".join([profile.biography, ", ".join(profile.themes)])
    whole = _entry("profile", version, version.artist_id, profile.stage_name, text)
    # The newest version stands for all of them.
    return [whole.model_copy(update={"subject_id": version.artist_id})]


def _work(work: Work) -> list[Entry]:
    concept = work.concept
    text = " / ".join([concept.theme, concept.story, ", ".join(concept.images)])
    lines = [line for section in work.lyrics for line in section.lines]
    found = [_entry("work", work, work.artist_id, work.title, text, work.run_id)]
    if lines:
        sung = " / ".join(lines)
        found.append(_entry("lyrics", work, work.artist_id, work.title, sung, work.run_id))
    return found


def _post(post: Post) -> list[Entry]:
    return [_entry("post", post, post.artist_id, "", post.payload.text, post.run_id)]


def _directive(directive: Directive) -> list[Entry]:
    return [_entry("directive", directive, directive.artist_id, "", directive.text)]


def _run(run: Run) -> list[Entry]:
    """A run is looked for by what it set out to do, and by why it stopped."""
    if run.action is None and run.failure is None:
        return []
    failure = run.failure.message if run.failure else ""
    text = " / ".join([run.kind, (run.action or "").replace("_", " "), failure])
    return [_entry("run", run, run.artist_id, "", text, run.id)]


def _entry(
    kind: Any, entity: Entity, artist_id: str, title: str, text: str, run_id: str | None = None
) -> Entry:
    return Entry(
        kind=kind,
        subject_id=entity.id,
        artist_id=artist_id,
        run_id=run_id,
        title=title,
        text=text,
        at=entity.updated_at,
    )


_READERS: dict[type[Entity], Callable[[Any], list[Entry]]] = {
    Artist: _artist,
    ProfileVersion: _profile,
    Work: _work,
    Post: _post,
    Directive: _directive,
    Run: _run,
}
