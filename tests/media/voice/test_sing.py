from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from domain.genre import GenrePack, VocalStyle
from domain.score import Score
from domain.singer import Singer
from media.sound import Sound
from media.voice.measure import f0_share_within
from media.voice.sing import sing
from media.voice.stems import VocalPart, VocalStem
from media.voice.timing import sung_notes
from packs import load_pack
from tests.media.voice.songs import LINE, OTHER, PLAIN, SCALE, sung_score

RATE = 44_100
BOTH = VocalStyle(doubles_in=("chorus",), harmonies_in=("chorus",), vocoder=0.5)
LEAD_ONLY = VocalStyle(doubles_in=(), harmonies_in=())


def pack_with(style: VocalStyle) -> GenrePack:
    return load_pack("synthwave").model_copy(update={"vocal": style})


def stems(
    score: Score, voice: Path, style: VocalStyle = LEAD_ONLY, singer: Singer = PLAIN
) -> list[VocalStem]:
    samples = int((score.duration_s + 1.0) * RATE)
    return list(sing(score, pack_with(style), singer, voice, samples, RATE))


def centroid_hz(sound: Sound) -> float:
    power = np.abs(np.fft.rfft(sound[0])) ** 2
    return float((power * np.fft.rfftfreq(sound.shape[1], 1.0 / RATE)).sum() / power.sum())


def pcm_hash(sound: Sound) -> str:
    return hashlib.sha256(sound.tobytes()).hexdigest()


def envelope(sound: Sound, hop_s: float = 0.005) -> npt.NDArray[np.float64]:
    hop = int(hop_s * RATE)
    whole = sound[0][: sound.shape[1] // hop * hop].reshape(-1, hop)
    return np.asarray(np.sqrt(np.mean(whole.astype(np.float64) ** 2, axis=1)))


@pytest.fixture(scope="module")
def lead(voice: Path) -> Sound:
    (stem,) = stems(sung_score(), voice)
    return stem.sound


def test_lead_is_a_sound_on_the_songs_time_line(lead: Sound) -> None:
    score = sung_score()
    assert lead.shape == (1, int((score.duration_s + 1.0) * RATE))
    assert lead.dtype == np.float32
    assert np.isfinite(lead).all()
    assert 0.05 < np.abs(lead).max() < 1.0
    notes = sung_notes(score, score.lyrics[0])
    before = int((notes[0].start_s - 0.35) * RATE)
    after = int((notes[-1].end_s + 0.3) * RATE)
    assert not lead[:, : max(0, before)].any()
    assert not lead[:, after:].any()


def test_same_score_same_samples(voice: Path, lead: Sound) -> None:
    (again,) = stems(sung_score(), voice)
    assert pcm_hash(again.sound) == pcm_hash(lead)


def test_notes_are_hit(lead: Sound) -> None:
    assert f0_share_within(lead, RATE, sung_score()) >= 0.95


@pytest.mark.parametrize("by", [-7, 7, 12])
def test_higher_and_lower_notes_are_hit(voice: Path, by: int) -> None:
    score = sung_score(pitches=[pitch + by for pitch in SCALE])
    (stem,) = stems(score, voice)
    assert f0_share_within(stem.sound, RATE, score) >= 0.95


def test_vowels_sound_on_the_beat(voice: Path) -> None:
    """Plosives before each vowel: vowels reach -10 dB within 30 ms of the note."""
    score = sung_score(("Take care keep time by day take part",), pitches=(57,))
    (stem,) = stems(score, voice)
    loud = envelope(stem.sound)
    late = []
    for note in sung_notes(score, score.lyrics[0]):
        at = int(note.start_s / 0.005)
        vowel = loud[at : at + 40].max()
        around = loud[at - 16 : at + 40]
        late.append((int(np.argmax(around > 0.3 * vowel)) - 16) * 0.005)
    assert np.mean(np.abs(late) <= 0.03) >= 0.85
    assert abs(float(np.median(late))) <= 0.02


def test_lines_join_without_clicks(voice: Path) -> None:
    (stem,) = stems(sung_score((LINE, LINE)), voice)
    jumps = np.abs(np.diff(stem.sound[0]))
    assert jumps.max() < 0.5 * np.abs(stem.sound).max()
    quiet = envelope(stem.sound) < 1e-4
    assert 0.1 < quiet.mean() < 0.7


def test_a_line_sung_again_sounds_the_same(voice: Path) -> None:
    score = sung_score((LINE, OTHER, LINE), sections=("chorus", "verse", "chorus"))
    (stem,) = stems(score, voice)
    length = int(score.seconds(8.0) * RATE)
    shift = int(score.seconds(16.0) * RATE)
    first, second = stem.sound[0, :length], stem.sound[0, shift : shift + length]
    assert np.corrcoef(first, second)[0, 1] > 0.99
    assert np.corrcoef(first, stem.sound[0, length : 2 * length])[0, 1] < 0.5


def test_parts_stand_where_the_pack_wants_them(voice: Path) -> None:
    score = sung_score((LINE, OTHER), sections=("verse", "chorus"), harmony=4)
    sung = {stem.part: stem for stem in stems(score, voice, BOTH)}
    assert list(sung) == ["lead", "vocoder", "double_left", "double_right", "harmony"]
    border = int(score.seconds(7.6) * RATE)
    parts: tuple[VocalPart, ...] = ("double_left", "double_right", "harmony")
    for part in parts:
        assert not sung[part].sound[:, :border].any()
        assert sung[part].sound[:, border:].any()
        assert sung[part].level_db < 0.0
    assert sung["double_left"].pan < 0.0 < sung["double_right"].pan
    lead = sung["lead"].sound[0, border:]
    left, right = (sung[part].sound[0, border:] for part in parts[:2])
    assert np.corrcoef(lead, left)[0, 1] < 0.9
    assert np.corrcoef(left, right)[0, 1] < 0.9


def test_harmony_sings_its_own_pitches(voice: Path) -> None:
    score = sung_score((LINE,), sections=("chorus",), harmony=4)
    harmony = next(s for s in stems(score, voice, BOTH) if s.part == "harmony")
    above = sung_score((LINE,), pitches=[pitch + 4 for pitch in SCALE])
    assert f0_share_within(harmony.sound, RATE, above) >= 0.9
    assert f0_share_within(harmony.sound, RATE, score) < 0.2


def test_singers_differ(voice: Path) -> None:
    dark = PLAIN.model_copy(update={"formant": 0.9})
    bright = PLAIN.model_copy(update={"formant": 1.2})
    airy = PLAIN.model_copy(update={"breath": 0.4})
    low, high, breathy = (
        stems(sung_score(), voice, singer=singer)[0].sound for singer in (dark, bright, airy)
    )
    assert centroid_hz(high) > 1.1 * centroid_hz(low)
    assert np.corrcoef(breathy[0], low[0])[0, 1] < 0.95


def test_vocoder_plays_the_chord_with_the_singers_rhythm(voice: Path) -> None:
    sung = {stem.part: stem for stem in stems(sung_score(), voice, BOTH)}
    lead, robot = sung["lead"].sound, sung["vocoder"].sound
    assert np.corrcoef(envelope(lead, 0.02), envelope(robot, 0.02))[0, 1] > 0.7
    # The melody moves, the chord does not: the vocoder is off the melody's pitches.
    assert f0_share_within(robot, RATE, sung_score()) < 0.5


@pytest.mark.parametrize("lines", [(), ("♥ ♥ ♥",)])
def test_nothing_to_sing_gives_no_stems(voice: Path, lines: tuple[str, ...]) -> None:
    assert stems(sung_score(lines), voice) == []
