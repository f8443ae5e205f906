"""A song of half a minute, rendered once without a sound font, and a full score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.genre import FormSection
from domain.score import BriefOverrides, LyricSection, Score, SongBrief
from media.compose import compose
from media.encode import decode
from media.song import render_song
from media.sound import Sound
from packs import load_pack
from tests.media.songs import CHORUS, VERSE, full_brief

PACK = load_pack("synthwave")
SCORE_PACK = load_pack("indie-folk")
FORM = (
    FormSection(name="intro", bars=2, energy=0.3),
    FormSection(name="verse", bars=4, energy=0.5, sung=True),
    FormSection(name="chorus", bars=6, energy=1.0, sung=True),
    FormSection(name="outro", bars=2, energy=0.5, energy_end=0.2),
)


@dataclass(frozen=True)
class Rendered:
    """A finished song and its decoded master."""

    score: Score
    sound: Sound
    flac: Path
    mp3: Path
    ogg: Path


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    brief = SongBrief(
        title="Control", pack_id="synthwave", seed=4,
        lyrics=(
            LyricSection(section="verse", lines=VERSE[:2]),
            LyricSection(section="chorus", lines=CHORUS[:3]),
        ),
        overrides=BriefOverrides(form=FORM, tempo_bpm=104),
    )  # fmt: skip
    score = compose(brief, PACK)
    files = render_song(score, PACK, tmp_path_factory.mktemp("song"), None)
    return Rendered(score, decode(files.flac)[0], files.flac, files.mp3, files.ogg)


@pytest.fixture(scope="session")
def score() -> Score:
    """A full song that nobody rendered."""
    return compose(full_brief("indie-folk", 3), SCORE_PACK)
