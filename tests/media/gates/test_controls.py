"""Every gate has a negative control: garbage that it refuses, while the song itself passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import pytest

from domain.quality import GateResult, QualityReport
from domain.requests import MusicAsk, Told
from domain.score import Score
from media.analysis import fingerprint
from media.effects.vinyl import tape
from media.encode import decode, flac_bytes, mp3_bytes, to_pcm24
from media.gates.audio import check_audio
from media.gates.balance import check_balance
from media.gates.foreign import check_foreign
from media.gates.heard import Heard
from media.gates.ranges import DEFAULTS
from media.gates.score import check_score
from media.gates.vocal import check_vocal
from media.sound import Sound
from media.tags import SongTags, write_tags
from tests.media.gates import spoiling
from tests.media.gates.conftest import PACK, SCORE_PACK, Rendered
from tests.media.tones import RATE, noise, sine

Garbage = tuple[str, Callable[[Sound], Sound], frozenset[str]]


def _row(name: str, spoil: Callable[[Sound], Sound], gates: str) -> Garbage:
    return name, spoil, frozenset(gates.split())


SPOILED_SOUND = (
    _row("quiet", lambda s: s * np.float32(0.5), "loudness"),
    _row("clipped", spoiling.clipped, "clipping true_peak_flac true_peak_mp3 loudness"),
    _row("offset", spoiling.with_offset, "dc"),
    _row("mono copy", spoiling.mono_copy, "stereo"),
    _row("out of phase", spoiling.out_of_phase, "stereo"),
    _row("gap", spoiling.with_gap, "silence"),
    _row("tail", spoiling.with_long_tail, "tail"),
    _row("one flat loudness", spoiling.flattened, "loudness_range"),
    _row("dull", spoiling.dull, "centroid"),
    _row("loop", spoiling.looped, "structure"),
    _row("sections elsewhere", spoiling.turned, "structure"),
    _row(
        "silence", np.zeros_like,
        "loudness silence tail stereo key tempo structure crest centroid",
    ),
    _row(
        "noise", lambda s: noise(32.0, 0.15),
        "loudness_range stereo centroid tempo structure",
    ),
    _row("tone", lambda s: sine(440, 32.0, 0.3), "stereo crest tempo structure"),
)  # fmt: skip


@dataclass(frozen=True)
class ScoreGarbage:
    """A way to spoil a score and the gates that must see it."""

    name: str
    spoil: Callable[[Score], Score]
    gates: frozenset[str]


def _score_row(name: str, spoil: Callable[[Score], Score], gates: str) -> ScoreGarbage:
    return ScoreGarbage(name, spoil, frozenset(gates.split()))


SPOILED_SCORES = (
    _score_row(
        "jittered pitches", spoiling.jittered,
        "scale chord_tones chorus_recurrence instrument_range",
    ),
    _score_row("shuffled melody", spoiling.shuffled, "chord_tones chorus_recurrence"),
    _score_row("striding melody", spoiling.striding, "steps"),
    _score_row("octave jumps", spoiling.jumping, "leap vocal_range"),
    _score_row("dragged melody", spoiling.dragged, "stress"),
    _score_row("lost syllables", spoiling.with_lost_syllables, "syllables"),
    _score_row("jumping voicings", spoiling.with_jumping_voicings, "voice_leading"),
    _score_row("flat energy", spoiling.with_flat_energy, "energy_contrast"),
    _score_row("endless", spoiling.slowed, "song_length"),
)  # fmt: skip


@dataclass(frozen=True)
class VocalGarbage:
    """A voice that does not sing the score, and the gates that must hear it."""

    name: str
    voice: Callable[[Score], Sound]
    gates: frozenset[str]
    misheard: float = 0.1


def _off(cents: float) -> Callable[[int], float]:
    rng = Random(2)
    return lambda note: rng.choice((-1.0, 1.0)) * cents


def _half_missing(score: Score) -> Sound:
    voice = spoiling.hummed(score)
    voice[:, voice.shape[1] // 2 :] = 0.0
    return voice


SPOILED_VOICES = (
    VocalGarbage(
        "semitones off", lambda s: spoiling.hummed(s, _off(100)),
        frozenset({"vocal_pitch", "vocal_tuning"}),
    ),
    VocalGarbage("sour", lambda s: spoiling.hummed(s, _off(35)), frozenset({"vocal_tuning"})),
    VocalGarbage("half missing", _half_missing, frozenset({"vocal_presence"})),
    VocalGarbage(
        "silent", lambda s: np.zeros_like(spoiling.hummed(s)),
        frozenset({"vocal_presence", "vocal_pitch", "vocal_tuning"}),
    ),
    VocalGarbage(
        "noise", lambda s: noise(s.duration_s, 0.1)[:1], frozenset({"vocal_pitch", "vocal_tuning"})
    ),
    VocalGarbage("mumbled", spoiling.hummed, frozenset({"words"}), misheard=0.6),
)  # fmt: skip
# Gates whose control is a test of its own below, named after it.
OTHERS = {
    "mp3_length": "test_a_compressed_file_of_another_length_fails",
    "ogg_length": "test_a_compressed_file_of_another_length_fails",
    "true_peak_ogg": "test_a_hot_ogg_fails",
    "tags": "test_a_lost_tag_fails",
    "originality": "test_the_same_recording_is_no_new_song",
    "melody_originality": "test_the_same_tune_in_another_key_is_no_new_melody",
    "intelligibility": "test_a_buried_voice_fails",
    "asked_length": "test_a_truncated_foreign_song_fails",
    "free_length": "test_a_truncated_foreign_song_fails",
}


def test_every_gate_has_a_control() -> None:
    rows = [row[2] for row in SPOILED_SOUND]
    rows += [row.gates for row in (*SPOILED_SCORES, *SPOILED_VOICES)]
    controlled = set[str]().union(*rows, OTHERS)
    assert sorted(DEFAULTS) == sorted(controlled)
    assert all(name in globals() for name in OTHERS.values())


def _failed(report: QualityReport | Sequence[GateResult]) -> set[str]:
    gates = report.gates if isinstance(report, QualityReport) else report
    return {gate.gate for gate in gates if gate.verdict == "fail"}


def _judged(sound: Sound, score: Score, folder: Path) -> QualityReport:
    flac, mp3 = folder / "x.flac", folder / "x.mp3"
    flac.write_bytes(flac_bytes(to_pcm24(sound), RATE))
    # A short excerpt is enough to judge the MP3 by, and spares encoding time.
    mp3.write_bytes(mp3_bytes(sound[:, RATE * 12 : RATE * 15], RATE))
    return check_audio(flac, mp3, score, PACK)


@pytest.mark.parametrize(
    ("spoil", "gates"), [row[1:] for row in SPOILED_SOUND], ids=[row[0] for row in SPOILED_SOUND]
)
def test_spoiled_sound_fails(
    song: Rendered, tmp_path: Path, spoil: Callable[[Sound], Sound], gates: frozenset[str]
) -> None:
    report = _judged(spoil(song.sound), song.score, tmp_path)
    assert gates <= _failed(report)
    # What could not be measured is no number, and no gate says so without words.
    assert all(gate.reason and gate.value == gate.value for gate in report.gates)


@pytest.mark.parametrize("row", SPOILED_SCORES, ids=lambda row: row.name)
def test_spoiled_score_fails(score: Score, row: ScoreGarbage) -> None:
    assert row.gates <= _failed(check_score(row.spoil(score), SCORE_PACK))
    assert not row.gates & _failed(check_score(score, SCORE_PACK))


@pytest.mark.parametrize("row", SPOILED_VOICES, ids=lambda row: row.name)
def test_spoiled_voice_fails(song: Rendered, row: VocalGarbage) -> None:
    voice = row.voice(song.score)
    found = check_vocal(voice, RATE, song.score, PACK, lambda *heard: row.misheard)
    assert _failed(found) == row.gates


def test_voice_on_the_notes_passes(song: Rendered) -> None:
    voice = spoiling.hummed(song.score)
    found = check_vocal(voice, RATE, song.score, PACK, lambda *heard: 0.1)
    assert {gate.verdict for gate in found} == {"pass"}


def test_a_buried_voice_fails(song: Rendered) -> None:
    voice = spoiling.hummed(song.score)[:, : song.sound.shape[1]]
    # Cut to one length: the voice may ring on longer than the song.
    band = 0.3 * song.sound[:, : voice.shape[1]]
    cover = noise(voice.shape[1] / RATE + 1.0, 1.5)[:, : voice.shape[1]]

    def verdict(mix: Sound) -> str:
        return check_balance(Heard(mix, RATE), voice, RATE, song.score, PACK).verdict

    assert verdict(band + voice) == "pass"
    assert verdict(band + voice + cover) == "fail"
    assert verdict(band) == "fail"
    assert verdict(band + np.roll(voice, 3 * RATE, axis=1)) == "fail"


def test_a_voice_on_tape_is_heard_as_the_voice(song: Rendered) -> None:
    voice = spoiling.hummed(song.score)[:, : song.sound.shape[1]]
    band = 0.3 * song.sound[:, : voice.shape[1]]

    def share(mix: Sound) -> float:
        return check_balance(Heard(mix, RATE), voice, RATE, song.score, PACK).value or 0.0

    plain, taped = share(band + voice), share(tape(band + voice, RATE, wow_cents=5.0, drive_db=0.0))
    assert taped > 0.75 * plain
    assert share(tape(band, RATE, wow_cents=5.0)) < 0.25 * plain


@pytest.mark.parametrize("factor", [1.07, 1.5])
def test_wrong_tempo_fails(song: Rendered, factor: float) -> None:
    claimed = song.score.model_copy(update={"tempo_bpm": song.score.tempo_bpm * factor})
    assert "tempo" in _failed(check_audio(song.flac, song.mp3, claimed, PACK))


def test_wrong_key_fails(song: Rendered) -> None:
    keys = {"A": "D#", "D": "G#", "E": "A#", "F#": "C", "B": "F", "C": "F#", "G": "C#"}
    claimed = song.score.model_copy(update={"key": keys[song.score.key]})
    assert "key" in _failed(check_audio(song.flac, song.mp3, claimed, PACK))


def test_a_compressed_file_of_another_length_fails(song: Rendered, tmp_path: Path) -> None:
    short = tmp_path / "short.mp3"
    short.write_bytes(mp3_bytes(song.sound[:, : 20 * RATE], RATE))
    report = check_audio(song.flac, short, song.score, PACK, ogg=short)
    assert {"mp3_length", "ogg_length"} <= _failed(report)


def test_a_hot_ogg_fails(song: Rendered, tmp_path: Path) -> None:
    hot = tmp_path / "hot.flac"
    hot.write_bytes(flac_bytes(to_pcm24(np.clip(song.sound * 1.3, -1, 1)), RATE))
    report = check_audio(song.flac, song.mp3, song.score, PACK, ogg=hot)
    assert "true_peak_ogg" in _failed(report)
    assert "true_peak_flac" not in _failed(report)


def test_a_lost_tag_fails(song: Rendered, tmp_path: Path) -> None:
    tags = SongTags(title="Control", artist="A", bpm=104, ai_disclosure="by rules")
    paths = []
    for source in (song.flac, song.mp3, song.ogg):
        path = tmp_path / source.name
        path.write_bytes(source.read_bytes())
        write_tags(path, tags)
        paths.append(path)
    expected = tags.model_copy(update={"artist": "B"})
    flac, mp3, ogg = paths
    report = check_audio(flac, mp3, song.score, PACK, ogg=ogg, expected_tags=expected)
    reason = next(g.reason for g in report.failures if g.gate == "tags")
    assert all(f"{kind}.artist" in reason for kind in ("flac", "mp3", "ogg"))


def test_the_same_recording_is_no_new_song(song: Rendered) -> None:
    own = fingerprint(song.flac)
    report = check_audio(song.flac, song.mp3, song.score, PACK, earlier_fingerprints=[own])
    assert "originality" in _failed(report)


def test_the_same_tune_in_another_key_is_no_new_melody(score: Score) -> None:
    earlier = [spoiling.transposed(score).model_copy(update={"title": "Old Song"})]
    report = check_score(score, SCORE_PACK, earlier=earlier)
    assert "melody_originality" in _failed(report)
    assert "Old Song" in next(g.reason for g in report.failures)


def test_a_truncated_foreign_song_fails(song: Rendered) -> None:
    ask = ask_for(song.score, 4.0 * song.score.duration_s)
    cases: tuple[tuple[tuple[Told, ...], str], ...] = (
        (("length",), "asked_length"),
        ((), "free_length"),
    )
    for told, gate in cases:
        report = check_foreign(song.flac, song.mp3, song.ogg, ask, PACK, told=told)
        assert _failed(report) == {gate}


def ask_for(score: Score, seconds: float) -> MusicAsk:
    return MusicAsk(
        title="T", style="synthwave", duration_s=seconds, tempo_bpm=score.tempo_bpm,
        key=score.key, mode=score.mode, seed=1,
    )  # fmt: skip


def test_rendered_song_passes(song: Rendered) -> None:
    report = check_audio(song.flac, song.mp3, song.score, PACK, ogg=song.ogg)
    assert report.passed, [g.reason for g in report.failures]
    judged = {g.gate for g in report.gates if g.verdict == "pass"}
    assert {
        "tempo", "key", "structure", "loudness", "loudness_range", "stereo", "centroid", "tail",
        "true_peak_ogg", "ogg_length",
    } <= judged  # fmt: skip
    assert decode(song.ogg)[1] == RATE
