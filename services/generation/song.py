"""What is being made: the request, for whom, where its files go, and who is out of question."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from domain.generation import RouteChoice
from domain.ports.providers import Capabilities, Generated, Progress
from domain.requests import MusicAsk, SongRequest
from domain.score import LyricSection, MoodPoint, Score, Section

USUAL_SONG_S = 90.0
USUAL_LYRICS = (LyricSection(section="verse", lines=("A line to be sung",)),)


@dataclass(frozen=True)
class GenerationRules:
    """Limits and wishes of the label."""

    budget_song_usd: float = 1.0
    budget_artist_usd_day: float = 5.0
    budget_label_usd_day: float = 50.0
    preference: tuple[str, ...] = ()
    take_suggestions: bool = True
    deadline_s: float = 900.0
    patience_s: float = 60.0


@dataclass(frozen=True)
class Song:
    """One song on its way; `key` names it for good, whatever is tried for it."""

    request: SongRequest
    key: str
    out_dir: Path
    progress: Progress
    artist_id: str | None = None
    run_id: str | None = None
    work_id: str | None = None
    refuse: frozenset[str] = frozenset()
    prefer: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Digest of what providers are told; other parts of the request stay in the house."""
        told = self.request.ask or self.request.score
        return hashlib.sha256(told.model_dump_json().encode()).hexdigest()

    def styled(self, style: str | None) -> SongRequest:
        """The request, in a style that a provider has proposed."""
        ask = self.request.ask
        if style is None or ask is None:
            return self.request
        return self.request.model_copy(update={"ask": ask.model_copy(update={"style": style})})


@dataclass(frozen=True)
class MadeBy:
    """A made song and who made it; audio that is not `embedded` is still to be mastered."""

    generated: Generated
    capabilities: Capabilities
    route: RouteChoice
    job_id: str
    embedded: bool


def usual_song(*, sung: bool = True) -> SongRequest:
    """A song of 90 seconds, to ask prices with; nothing ever makes it."""
    return SongRequest(
        score=Score(
            title="A song",
            pack_id="",
            pack_version=1,
            seed=0,
            tempo_bpm=96.0,
            key="C",
            mode="ionian",
            swing=0.0,
            mood=MoodPoint(),
            sections=(
                Section(name="verse", occurrence=1, start=0, bars=36, energy=0.5, energy_end=0.5),
            ),
            chords=(),
            tracks=(),
            lyrics=(),
            choices=(),
        ),
        ask=MusicAsk(
            title="A song",
            style="A pop song of medium tempo.",
            lyrics=USUAL_LYRICS if sung else (),
            instrumental=not sung,
            duration_s=USUAL_SONG_S,
            tempo_bpm=96.0,
            key="C",
            mode="ionian",
            seed=0,
        ),
    )
