"""Every audio gate passes on a rendered song and fails on a spoiled one.

A song of half a minute is rendered once without a sound font; each control then spoils a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from domain.genre import FormSection
from domain.quality import QualityReport
from domain.score import BriefOverrides, LyricSection, Score, SongBrief
from media.analysis import fingerprint, similarity
from media.compose import compose
from media.encode import decode, flac_bytes, mp3_bytes, to_pcm24
from media.gates.audio import check_audio
from media.song import render_song
from media.sound import Sound
from media.tags import SongTags, write_tags
from packs import load_pack
from tests.media.songs import CHORUS, VERSE
from tests.media.tones import RATE, noise, sine

PACK = load_pack("synthwave")
FORM = (
    FormSection(name="intro", bars=2, energy=0.4),
    FormSection(name="verse", bars=4, energy=0.55, sung=True),
    FormSection(name="chorus", bars=6, energy=1.0, sung=True),
    FormSection(name="outro", bars=2, energy=0.5, energy_end=0.2),
)


@dataclass(frozen=True)
class Rendered:
    score: Score
    sound: Sound
    flac: Path
    mp3: Path


@pytest.fixture(scope="module")
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
    return Rendered(score, decode(files.flac)[0], files.flac, files.mp3)


def _judged(sound: Sound, score: Score, folder: Path) -> QualityReport:
    flac, mp3 = folder / "x.flac", folder / "x.mp3"
    flac.write_bytes(flac_bytes(to_pcm24(sound), RATE))
    # A short excerpt is enough to judge the MP3 by, and spares encoding time.
    mp3.write_bytes(mp3_bytes(sound[:, RATE * 12 : RATE * 15], RATE))
    return check_audio(flac, mp3, score, PACK)


def _failed(report: QualityReport) -> set[str]:
    return {g.gate for g in report.failures}


def test_rendered_song_passes(song: Rendered) -> None:
    report = check_audio(song.flac, song.mp3, song.score, PACK)
    assert report.passed, [g.reason for g in report.failures]
    judged = {g.gate for g in report.gates if g.verdict == "pass"}
    assert {"tempo", "key", "loudness", "loudness_range", "stereo", "centroid", "tail"} <= judged


def _clipped(sound: Sound) -> Sound:
    clipped: Sound = np.clip(sound * 4.0, -1.0, 1.0)
    return clipped


def _offset(sound: Sound) -> Sound:
    return sound * np.float32(0.9) + np.float32(0.02)


def _mono(sound: Sound) -> Sound:
    middle: Sound = np.tile(sound.mean(axis=0), (2, 1))
    return middle


def _out_of_phase(sound: Sound) -> Sound:
    return np.stack([sound[0], -sound[0]])


def _gap(sound: Sound) -> Sound:
    spoiled = sound.copy()
    spoiled[:, 10 * RATE : 12 * RATE] = 0.0
    return spoiled


def _long_tail(sound: Sound) -> Sound:
    return np.pad(sound, ((0, 0), (0, 4 * RATE)))


def _flattened(sound: Sound) -> Sound:
    """Every second brought to the same level."""
    hop = RATE
    out = sound[:, : sound.shape[1] // hop * hop].copy()
    for first in range(0, out.shape[1], hop):
        part = out[:, first : first + hop]
        part *= np.float32(0.15) / max(float(np.sqrt((part**2).mean())), 1e-4)
    return np.asarray(np.clip(out, -0.85, 0.85), np.float32)


def _dull(sound: Sound) -> Sound:
    spectrum = np.fft.rfft(sound, axis=1)
    spectrum[:, np.fft.rfftfreq(sound.shape[1], 1 / RATE) > 500] = 0
    return np.fft.irfft(spectrum, sound.shape[1], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("spoil", "gates"),
    [
        (lambda s: s * np.float32(0.5), {"loudness"}),
        (_clipped, {"clipping", "true_peak_flac", "true_peak_mp3", "loudness"}),
        (_offset, {"dc"}),
        (_mono, {"stereo"}),
        (_out_of_phase, {"stereo"}),
        (_gap, {"silence"}),
        (_long_tail, {"tail"}),
        (_flattened, {"loudness_range"}),
        (_dull, {"centroid"}),
        (np.zeros_like, {"loudness", "silence", "tail", "stereo", "key", "tempo"}),
        (lambda s: noise(32.0, 0.15), {"loudness_range", "stereo", "centroid", "tempo"}),
        (lambda s: sine(440, 32.0, 0.3), {"stereo", "crest", "tempo"}),
    ],
    ids=[
        "quiet", "clipped", "offset", "mono", "out of phase", "gap", "tail", "flat", "dull",
        "silence", "noise", "tone",
    ],
)  # fmt: skip
def test_spoiled_song_fails(
    song: Rendered, tmp_path: Path, spoil: Callable[[Sound], Sound], gates: set[str]
) -> None:
    assert gates <= _failed(_judged(spoil(song.sound), song.score, tmp_path))


def test_wrong_tempo_fails(song: Rendered) -> None:
    claimed = song.score.model_copy(update={"tempo_bpm": song.score.tempo_bpm * 1.07})
    assert "tempo" in _failed(check_audio(song.flac, song.mp3, claimed, PACK))


def test_wrong_key_fails(song: Rendered) -> None:
    keys = {"A": "D#", "D": "G#", "E": "A#", "F#": "C", "B": "F", "C": "F#", "G": "C#"}
    claimed = song.score.model_copy(update={"key": keys[song.score.key]})
    assert "key" in _failed(check_audio(song.flac, song.mp3, claimed, PACK))


def test_mp3_of_another_length_fails(song: Rendered, tmp_path: Path) -> None:
    short = tmp_path / "short.mp3"
    short.write_bytes(mp3_bytes(song.sound[:, : 20 * RATE], RATE))
    assert "mp3_length" in _failed(check_audio(song.flac, short, song.score, PACK))


def test_lost_tag_fails(song: Rendered, tmp_path: Path) -> None:
    tags = SongTags(title="Control", artist="A", bpm=104, ai_disclosure="by rules")
    paths = []
    for source in (song.flac, song.mp3):
        path = tmp_path / source.name
        path.write_bytes(source.read_bytes())
        write_tags(path, tags)
        paths.append(path)
    expected = tags.model_copy(update={"artist": "B"})
    report = check_audio(paths[0], paths[1], song.score, PACK, expected_tags=expected)
    assert "tags" in _failed(report)
    reason = next(g.reason for g in report.failures if g.gate == "tags")
    assert "flac.artist" in reason
    assert "mp3.artist" in reason


def test_the_same_recording_is_no_new_song(song: Rendered) -> None:
    own = fingerprint(song.flac)
    report = check_audio(song.flac, song.mp3, song.score, PACK, earlier_fingerprints=[own])
    assert "originality" in _failed(report)


def test_fingerprints_know_an_encoded_copy_from_other_sounds(song: Rendered) -> None:
    own = fingerprint(song.flac)
    assert len(own) < 8000
    assert similarity(own, own) == pytest.approx(1.0)
    assert similarity(own, fingerprint(song.mp3)) > 0.75
    brief = SongBrief(
        title="Other", pack_id="synthwave", seed=5, overrides=BriefOverrides(form=FORM[:2])
    )
    other = render_song(compose(brief, PACK), PACK, song.flac.parent / "other", None)
    assert similarity(own, fingerprint(other.flac)) < 0.4
