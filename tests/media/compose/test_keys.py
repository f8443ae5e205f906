"""Sections in another key: everything in them moves, and nothing else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.genre import FormSection
from domain.score import BriefOverrides, Score
from media.compose import compose
from media.theory import scale_at, scale_pitch_classes
from packs import load_pack, pack_ids
from tests.media.songs import full_brief

CHORUS_AT = 2


def _song(pack_id: str, semitones: int, seed: int = 3) -> Score:
    form = (
        FormSection(name="verse", bars=8, energy=0.5, sung=True),
        FormSection(name="chorus", bars=8, energy=0.9, sung=True),
        FormSection(name="chorus", bars=8, energy=1.0, sung=True, transpose=semitones),
        FormSection(name="outro", bars=4, energy=0.3),
    )
    brief = full_brief(pack_id, seed)
    overrides = BriefOverrides(form=form, key=load_pack(pack_id).keys[0])
    return compose(brief.model_copy(update={"overrides": overrides}), load_pack(pack_id))


def _sung(score: Score, section: int) -> list[tuple[float, int]]:
    assert score.vocal is not None
    start = score.sections[section].start
    return [
        (round(score.vocal.notes[s.note].start - start, 6), score.vocal.notes[s.note].pitch)
        for line in score.lyrics
        if line.section == section
        for s in line.syllables
    ]


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(pack_ids()), st.integers(-6, 6), st.integers(0, 1000))
def test_moved_chorus_is_the_same_melody_in_another_key(
    pack_id: str, semitones: int, seed: int
) -> None:
    score = _song(pack_id, semitones, seed)
    moved = [(at, pitch + semitones) for at, pitch in _sung(score, 1)]
    assert _sung(score, CHORUS_AT) == moved


@pytest.mark.parametrize("pack_id", pack_ids())
def test_whole_band_plays_in_the_new_key(pack_id: str) -> None:
    score = _song(pack_id, 1)
    section = score.sections[CHORUS_AT]
    wrong = []
    pitched = [t for t in score.tracks if t.part not in ("drums", "riser")]
    for track in pitched:
        for n in track.notes:
            if section.start + 0.1 < n.start < section.end - 0.1:
                allowed = {*scale_at(score, n.start), *score.chord_at(n.start + 0.06).pitch_classes}
                if n.pitch % 12 not in allowed:
                    wrong.append((track.role, n))
    assert wrong == []
    for chord in score.chords:
        if section.start <= chord.start < section.end:
            assert {p % 12 for p in chord.voicing} <= set(chord.pitch_classes)


def test_scale_follows_the_sections() -> None:
    score = _song("lofi", 3)
    home = scale_pitch_classes(score.key, score.mode)
    assert scale_at(score, 0.0) == home
    assert scale_at(score, score.sections[CHORUS_AT].start) == tuple((p + 3) % 12 for p in home)
    assert scale_at(score, score.sections[CHORUS_AT].end) == home
