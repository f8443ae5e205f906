"""Every gate of theory passes on a composed song and fails on a spoiled one."""

from collections.abc import Callable
from random import Random

import pytest

from domain.quality import QualityReport
from domain.score import Note, Score, Track
from media.compose import compose
from media.gates.score import check_score
from packs import load_pack
from tests.media.songs import full_brief, sketch_brief

PACK = load_pack("indie-folk")


@pytest.fixture(scope="module")
def score() -> Score:
    return compose(full_brief("indie-folk", 3), PACK)


def _with_notes(score: Score, change: Callable[[Track], tuple[Note, ...]]) -> Score:
    tracks = tuple(t.model_copy(update={"notes": change(t)}) for t in score.tracks)
    return score.model_copy(update={"tracks": tracks})


def _failed(report: QualityReport) -> set[str]:
    return {g.gate for g in report.failures}


def test_composed_song_passes(score: Score) -> None:
    assert check_score(score, PACK).passed


def test_jittered_pitches_fail(score: Score) -> None:
    rng = Random(1)

    def jitter(track: Track) -> tuple[Note, ...]:
        if track.part == "drums":
            return track.notes
        return tuple(
            n.model_copy(update={"pitch": n.pitch + rng.randint(-5, 5)}) for n in track.notes
        )

    failed = _failed(check_score(_with_notes(score, jitter), PACK))
    assert {"scale", "chord_tones", "chorus_recurrence", "instrument_range"} <= failed


def test_shuffled_melody_fails(score: Score) -> None:
    rng = Random(1)

    def shuffle(track: Track) -> tuple[Note, ...]:
        if track.part != "vocal":
            return track.notes
        pitches = [n.pitch for n in track.notes]
        rng.shuffle(pitches)
        return tuple(
            n.model_copy(update={"pitch": p}) for n, p in zip(track.notes, pitches, strict=True)
        )

    failed = _failed(check_score(_with_notes(score, shuffle), PACK))
    assert {"chord_tones", "steps", "chorus_recurrence"} <= failed


def test_octave_jumps_fail_leap_and_range(score: Score) -> None:
    def jump(track: Track) -> tuple[Note, ...]:
        if track.part != "vocal":
            return track.notes
        return tuple(
            n.model_copy(update={"pitch": n.pitch + 24 * (i % 2)})
            for i, n in enumerate(track.notes)
        )

    assert {"leap", "vocal_range"} <= _failed(check_score(_with_notes(score, jump), PACK))


def test_dragged_melody_fails_stress(score: Score) -> None:
    def drag(track: Track) -> tuple[Note, ...]:
        if track.part != "vocal":
            return track.notes
        return tuple(n.model_copy(update={"start": n.start + 0.3}) for n in track.notes)

    assert "stress" in _failed(check_score(_with_notes(score, drag), PACK))


def test_lost_syllable_fails_alignment(score: Score) -> None:
    lines = tuple(
        line.model_copy(update={"syllables": line.syllables[:-1]}) for line in score.lyrics
    )
    assert "syllables" in _failed(check_score(score.model_copy(update={"lyrics": lines}), PACK))


def test_jumping_voicings_fail_voice_leading(score: Score) -> None:
    chords = tuple(
        c.model_copy(update={"voicing": tuple(p + 12 * (i % 2) for p in c.voicing)})
        for i, c in enumerate(score.chords)
    )
    report = check_score(score.model_copy(update={"chords": chords}), PACK)
    assert "voice_leading" in _failed(report)


def test_flat_energy_fails_contrast(score: Score) -> None:
    flat = tuple(s.model_copy(update={"energy": 0.5, "energy_end": 0.5}) for s in score.sections)
    report = check_score(score.model_copy(update={"sections": flat}), PACK)
    assert "energy_contrast" in _failed(report)


def test_endless_song_fails_length(score: Score) -> None:
    slow = score.model_copy(update={"tempo_bpm": 45.0})
    assert "song_length" in _failed(check_score(slow, PACK))


def test_sketch_passes_and_says_what_does_not_apply() -> None:
    report = check_score(compose(sketch_brief("indie-folk"), PACK), PACK)
    excused = {g.gate: g.reason for g in report.gates if g.verdict == "not_applicable"}
    assert report.passed
    assert {"chorus_recurrence", "energy_contrast", "song_length"} <= set(excused)
    assert all(excused.values())


def test_pack_can_excuse_and_bend_a_gate(score: Score) -> None:
    rules = PACK.gates.model_copy(update={"not_applicable": {"steps": "yodelling"}})
    report = check_score(score, PACK.model_copy(update={"gates": rules}))
    assert next(g for g in report.gates if g.gate == "steps").reason == "yodelling"
