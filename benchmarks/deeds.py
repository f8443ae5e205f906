"""What artists of a long past did, as the rows it left: runs, talks, memories, bills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

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

LONG = timedelta(days=90)
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


def _times(at: datetime) -> dict[str, Any]:
    return {"created_at": at, "updated_at": at}


def cycle(artist: Artist, number: int, at: datetime) -> Iterator[Entity]:
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


def asking(artist: Artist, number: int) -> Iterator[Entity]:
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


def said(artist: Artist, at: datetime) -> Iterator[Entity]:
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


def line(run: Run, at: datetime) -> dict[str, Any]:
    """One line of the event log."""
    return {
        "kind": "post.changed",
        "at": at,
        "actor": f"artist:{run.artist_id}",
        "artist_id": run.artist_id,
        "run_id": run.id,
        "subject_id": run.post_ids[0],
        "data": {"network": "stage", "status": "published"},
    }


def bills(artists: Sequence[Artist], many: int, start: datetime) -> Iterator[dict[str, Any]]:
    """Four calls of a model for each of so many runs."""
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
