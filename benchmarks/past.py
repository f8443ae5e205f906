"""The long past of a label's artists, put there without running anything.

Everything that lists and pages read: runs with steps, works, releases, posts, the stage and its
audience, bills, talks, memories and the event log, spread over ninety days in the order of time;
and runs whose song waits for a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, insert

from benchmarks.stock import THEMES
from domain.approval import Approval, Subject, digest_of
from domain.artist import Artist
from domain.audience import AudienceEvent, AudienceKind, Untrusted
from domain.directive import Directive, Target
from domain.entity import Entity
from domain.ids import new_id
from domain.memory import MemoryRecord, hash_text
from domain.post import MediaPart, Payload, Post, PostStatus
from domain.quality import QualityReport, within
from domain.release import AiDisclosure, Release, ReleaseStatus
from domain.run import Run, RunStatus, StepRecord
from domain.score import LyricSection
from domain.stage import StageEntry
from domain.talk import Talk, TextPart, Turn
from domain.work import Asset, AssetRole, Concept, Credit, Provenance, Work, WorkStatus
from runtime.clock import SystemClock
from services.catalogue import release_digest
from store import tables
from store.database import Database
from store.mapper import Mapper
from store.repositories.audience import AudienceRepository
from store.repositories.posts import ApprovalRepository, PostRepository
from store.repositories.runs import RunRepository, StepRepository
from store.repositories.stage import StageRepository
from store.repositories.steering import DirectiveRepository
from store.repositories.talks import TalkRepository, TurnRepository
from store.repositories.works import ReleaseRepository, WorkRepository
from store.searching import entries_of, index_entries

T = TypeVar("T")
LONG = timedelta(days=90)
AT_ONCE = 400
POSTS_A_RUN = 4
STEPS = ("perceive", "plan", "write", "render", "publish", "reflect")
HEARD: tuple[AudienceKind, ...] = ("play", "play", "play", "play", "like", "comment")
FILES: tuple[tuple[AssetRole, str, str], ...] = (
    ("flac", "audio/flac", "flac"),
    ("mp3", "audio/mpeg", "mp3"),
    ("ogg", "audio/ogg", "ogg"),
    ("midi", "audio/midi", "mid"),
    ("cover", "image/png", "png"),
    ("lyrics", "text/plain", "txt"),
)
VERSE = ("The radar draws a ring of green", "And the harbour falls asleep unseen")
# Parents before their children.
MAPPERS: tuple[Mapper[Any], ...] = (
    RunRepository.mapper,
    StepRepository.mapper,
    WorkRepository.mapper,
    ReleaseRepository.mapper,
    PostRepository.mapper,
    ApprovalRepository.mapper,
    StageRepository.mapper,
    AudienceRepository.mapper,
    DirectiveRepository.mapper,
    TalkRepository.mapper,
    TurnRepository.mapper,
    Mapper("memory", MemoryRecord, tables.memory_records),
)


@dataclass
class Past:
    """Ids of what pages are about, one of each for every artist; and what waits, all of it."""

    runs: dict[str, str] = field(default_factory=dict)
    works: dict[str, str] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    memories: dict[str, str] = field(default_factory=dict)
    directives: dict[str, str] = field(default_factory=dict)
    talks: dict[str, str] = field(default_factory=dict)
    turns: dict[str, str] = field(default_factory=dict)
    approvals: list[str] = field(default_factory=list)
    every_run: list[Run] = field(default_factory=list)


async def remember(
    database: Database, artists: Sequence[Artist], posts: int, events: int, waiting: int
) -> Past:
    """Write so many posts, and lines of the log, with all that led to them."""
    past, start = Past(), SystemClock().now() - LONG
    runs = max(1, posts // POSTS_A_RUN)
    for numbers in _some(range(runs), len(artists)):
        made: list[Entity] = []
        for n in numbers:
            artist = artists[n % len(artists)]
            made += _note(past, artist, _cycle(artist, n, start + n * LONG / runs))
        past.every_run += [entity for entity in made if isinstance(entity, Run)]
        await _keep(database, made)
    asked = [e for n in range(waiting) for e in _asking(artists[n % len(artists)], n)]
    past.approvals = [e.id for e in asked if isinstance(e, Approval)]
    await _keep(database, asked)
    await _keep(database, [e for a in artists for e in _note(past, a, _said(a, start))])
    each = events / runs
    lines = (_line(past.every_run[int(n / each)], start + n * LONG / events) for n in range(events))
    await _insert(database, tables.events, lines)
    await _insert(database, tables.usage_records, _bills(artists, runs, start))
    return past


def _note(past: Past, artist: Artist, made: Iterable[Entity]) -> list[Entity]:
    """Write down the newest of each kind."""
    found = list(made)
    places: dict[type[Entity], dict[str, str]] = {
        Run: past.runs,
        Work: past.works,
        Release: past.releases,
        Post: past.posts,
        StepRecord: past.steps,
        MemoryRecord: past.memories,
        Directive: past.directives,
        Talk: past.talks,
        Turn: past.turns,
    }
    for entity in found:
        if type(entity) in places:
            places[type(entity)][artist.id] = entity.id
    return found


async def _keep(database: Database, made: Sequence[Entity]) -> None:
    for mapper in MAPPERS:
        mine = [entity for entity in made if isinstance(entity, mapper.model)]
        await _insert(database, mapper.table, (mapper.to_row(entity) for entity in mine))
    links = [{"run_id": run.id, "artist_id": run.artist_id} for run in made if isinstance(run, Run)]
    await _insert(database, tables.run_artists, links)
    for entries in _some((e for entity in made for e in entries_of(entity)), AT_ONCE):
        async with database.session() as session:
            await index_entries(session, entries)


async def _insert(database: Database, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    for some in _some(rows, AT_ONCE):
        async with database.session() as session:
            await session.write(insert(table).values(some))


def _some(whole: Iterable[T], many: int) -> Iterator[list[T]]:
    left = iter(whole)
    while found := list(islice(left, many)):
        yield found


def _times(at: datetime) -> dict[str, Any]:
    return {"created_at": at, "updated_at": at}


def _cycle(artist: Artist, number: int, at: datetime) -> Iterator[Entity]:
    """One run that released a song and told of it, and what the audience made of that."""
    run_id = new_id("run")
    work, release, posts = _song(artist, run_id, number, at, POSTS_A_RUN)
    yield Run(
        id=run_id,
        **_times(at),
        kind="cycle",
        artist_ids=(artist.id,),
        status=RunStatus.SUCCEEDED,
        action="write_and_release_song",
        seed=number,
        work_ids=(work.id,),
        release_ids=(release.id,),
        post_ids=tuple(post.id for post in posts),
    )
    for step in STEPS:
        yield _step(artist, run_id, step, at)
    yield work.amend(at, status=WorkStatus.RELEASED)
    yield release.amend(at, status=ReleaseStatus.LIVE, live_at=at)
    for post in posts:
        yield post.amend(at, status=PostStatus.PUBLISHED, published_at=at)
    yield StageEntry(
        id=f"stage_{posts[0].id}",
        **_times(at),
        artist_id=artist.id,
        client_key=posts[0].id,
        payload=posts[0].payload,
        published_at=at,
    )
    for kind in HEARD:
        yield _heard(artist, release.id, kind, at)


def _asking(artist: Artist, number: int) -> Iterator[Entity]:
    """One run whose song waits for a decision."""
    at, run_id, approval_id = SystemClock().now(), new_id("run"), new_id("approval")
    work, release, posts = _song(artist, run_id, number, at, 1)
    subjects = (
        Subject(kind="release", id=release.id, digest=release_digest(release, [work])),
        Subject(kind="post", id=posts[0].id, digest=posts[0].payload.digest()),
    )
    yield Run(
        id=run_id,
        **_times(at),
        kind="cycle",
        artist_ids=(artist.id,),
        status=RunStatus.WAITING,
        seed=number,
        approval_id=approval_id,
    )
    yield work
    yield release
    yield posts[0]
    yield Approval(
        id=approval_id,
        **_times(at),
        artist_id=artist.id,
        run_id=run_id,
        subjects=subjects,
        digest=digest_of(subjects),
        expires_at=at + timedelta(days=3),
    )


def _song(
    artist: Artist, run_id: str, number: int, at: datetime, said: int
) -> tuple[Work, Release, list[Post]]:
    """A complete work, a release that is ready, and posts that wait."""
    title = f"{THEMES[number % len(THEMES)].title()} No. {number}"
    work = Work(
        id=new_id("work"),
        **_times(at),
        artist_id=artist.id,
        run_id=run_id,
        status=WorkStatus.COMPLETE,
        title=title,
        concept=Concept(
            title=title, theme="leaving", story="The last boat goes.", images=("lamp", "salt")
        ),
        seed=number,
        lyrics=tuple(
            LyricSection(section=section, lines=VERSE * 2)
            for section in ("verse", "chorus", "verse", "chorus")
        ),
        duration_s=181.5,
        tempo_bpm=84.0,
        key="D",
        mode="aeolian",
        assets=tuple(_file(title, *kind) for kind in FILES),
        reports=(
            QualityReport(
                subject="audio",
                gates=(
                    within("loudness", -14.1, low=-14.3, high=-13.7, unit="LUFS", what="loudness"),
                ),
            ),
        ),
        provenance=(Provenance(part="score", made_by="composer@1", kind="algorithm", at=at),),
    )
    release = Release(
        id=new_id("release"),
        **_times(at),
        artist_id=artist.id,
        run_id=run_id,
        title=title,
        work_ids=(work.id,),
        status=ReleaseStatus.READY,
        credits=(Credit(name=artist.stage_name, role="MainArtist", artist_id=artist.id),),
        p_line=f"2026 {artist.stage_name}",
        c_line=f"2026 {artist.stage_name}",
        disclosure=AiDisclosure(statement="Words by a language model."),
    )
    return work, release, [_post(artist, run_id, release, work, at) for _ in range(said)]


def _file(title: str, role: AssetRole, media_type: str, ending: str) -> Asset:
    sha256 = hash_text(f"{title} {role}")
    name = f"{title.lower().replace(' ', '-')}.{ending}"
    return Asset(role=role, sha256=sha256, bytes=4_000_000, media_type=media_type, filename=name)


def _post(artist: Artist, run_id: str, release: Release, work: Work, at: datetime) -> Post:
    cover = work.asset("cover")
    assert cover is not None
    picture = MediaPart(sha256=cover.sha256, media_type=cover.media_type, alt="The cover.")
    return Post(
        id=new_id("post"),
        **_times(at),
        artist_id=artist.id,
        run_id=run_id,
        status=PostStatus.AWAITING_APPROVAL,
        payload=Payload(
            channel="stage",
            text=f"{release.title} is out. Written between two and four in the morning.",
            media=(picture,),
            release_id=release.id,
        ),
    )


def _step(artist: Artist, run_id: str, step: str, at: datetime) -> StepRecord:
    return StepRecord(
        id=new_id("step"),
        **_times(at),
        run_id=run_id,
        artist_id=artist.id,
        step=step,
        snapshot={"mood": "content", "new_plays": 3, "memories": [VERSE[0]] * 8},
        report={"says": f"A song about {THEMES[len(run_id) % len(THEMES)]}."},
        tokens=900,
        duration_s=4.2,
        cpu_s=1.1,
    )


def _heard(artist: Artist, release_id: str, kind: AudienceKind, at: datetime) -> AudienceEvent:
    comment = kind == "comment"
    return AudienceEvent(
        id=new_id("audience"),
        **_times(at),
        artist_id=artist.id,
        kind=kind,
        channel="stage",
        release_id=release_id,
        visitor_id=new_id("visitor"),
        visitor_name="Jo" if comment else None,
        text=Untrusted(text="I was on that boat. Thank you.", source="stage") if comment else None,
    )


def _said(artist: Artist, at: datetime) -> Iterator[Entity]:
    """What it remembers and was told, and a talk of twenty turns."""
    for text, goal in (
        ("Never name a street.", None),
        ("More songs.", Target(measure="songs", count=900)),
    ):
        yield Directive(
            id=new_id("directive"),
            **_times(at),
            artist_id=artist.id,
            kind="directive" if goal is None else "goal",
            text=text,
            target=goal,
            lasting=True,
            by="operator:local",
        )
    for number in range(30):
        text = f"In week {number} I counted {number} lamps at the harbour."
        yield MemoryRecord(
            id=new_id("memory"),
            **_times(at),
            artist_id=artist.id,
            kind="episodic",
            text=text,
            happened_at=at + timedelta(days=number),
            importance=0.5,
            text_sha256=hash_text(text),
        )
    talk = Talk(
        id=new_id("talk"),
        **_times(at),
        artist_id=artist.id,
        person="local",
        title="What are you working on?",
        turns=20,
        last_at=at,
    )
    yield talk
    for number in range(1, 21):
        yield Turn(
            id=new_id("turn"),
            **_times(at),
            talk_id=talk.id,
            artist_id=artist.id,
            number=number,
            speaker="person" if number % 2 else "artist",
            parts=(TextPart(text="Twelve plays since Monday, and the coffee is cold."),),
        )


def _line(run: Run, at: datetime) -> dict[str, Any]:
    return {
        "kind": "post.changed",
        "at": at,
        "actor": f"artist:{run.artist_id}",
        "artist_id": run.artist_id,
        "run_id": run.id,
        "subject_id": run.post_ids[0],
        "data": {"network": "stage", "status": "published"},
    }


def _bills(artists: Sequence[Artist], many: int, start: datetime) -> Iterator[dict[str, Any]]:
    for number in range(4 * many):
        artist = artists[number % len(artists)]
        yield {
            "at": start + number * LONG / (4 * many),
            "artist_id": artist.id,
            "run_id": None,
            "step": "write",
            "tier": "smart",
            "model": "scripted",
            "prompt": "write@1",
            "prompt_tokens": 800,
            "completion_tokens": 100,
            "counted_by": "tiktoken",
            "cost_usd": 0.0,
            "cached": False,
            "latency_s": 1.0,
            "outcome": "ok",
        }
