"""The melody in the singer's voice: range, key changes, and the second voice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.genre import FormSection
from domain.score import BriefOverrides, Score, SongBrief
from domain.singer import Singer
from media.compose import compose
from media.compose.sung_harmony import BEYOND_RANGE
from packs import load_pack, pack_ids
from tests.media.songs import full_brief

RANGES = st.integers(40, 70).flatmap(
    lambda low: st.tuples(st.just(low), st.integers(low + 12, low + 26))
)


def _singer(low: int, high: int) -> Singer:
    return Singer(id="test", name="Test", description="for tests", low=low, high=high)


def _brief(pack_id: str, seed: int, low: int, high: int) -> SongBrief:
    return full_brief(pack_id, seed).model_copy(update={"singer": _singer(low, high)})


def _pitches(score: Score) -> list[int]:
    assert score.vocal is not None
    return [n.pitch for n in score.vocal.notes]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(pack_ids()), st.integers(0, 2**32), RANGES)
def test_melody_and_harmony_stay_in_the_singer(
    pack_id: str, seed: int, limits: tuple[int, int]
) -> None:
    low, high = limits
    score = compose(_brief(pack_id, seed, low, high), load_pack(pack_id))
    assert low <= min(_pitches(score)) <= max(_pitches(score)) <= high
    second = [h.pitch for h in score.vocal_harmony]
    assert all(low - BEYOND_RANGE <= pitch <= high + BEYOND_RANGE for pitch in second)


def test_deep_and_high_singers_sing_the_same_song_elsewhere() -> None:
    pack = load_pack("indie-folk")
    deep = _pitches(compose(_brief("indie-folk", 4, 40, 59), pack))
    high = _pitches(compose(_brief("indie-folk", 4, 64, 83), pack))
    assert sum(high) / len(high) - sum(deep) / len(deep) > 15


def test_key_change_leaves_room_in_the_voice() -> None:
    form = tuple(
        FormSection(name="chorus", bars=8, energy=0.9, sung=True, transpose=t) for t in (0, 3)
    )
    brief = _brief("synthwave", 1, 52, 64).model_copy(
        update={"overrides": BriefOverrides(form=form)}
    )
    score = compose(brief, load_pack("synthwave"))
    assert min(_pitches(score)) >= 52
    assert max(_pitches(score)) <= 64


def test_no_room_at_all_is_refused_by_field() -> None:
    pack = load_pack("lofi").model_copy(update={"vocal_range": (60, 63)})
    with pytest.raises(InvalidInput) as caught:
        compose(full_brief("lofi"), pack)
    assert caught.value.field == "vocal_range"
    form = tuple(
        FormSection(name="chorus", bars=8, energy=0.9, sung=True, transpose=t) for t in (-6, 6)
    )
    brief = _brief("lofi", 1, 50, 64).model_copy(update={"overrides": BriefOverrides(form=form)})
    with pytest.raises(InvalidInput, match="semitones of room") as caught:
        compose(brief, load_pack("lofi"))
    assert caught.value.remedy


def _sung_pack() -> str:
    return next(
        i for i in pack_ids() if load_pack(i).vocal.sung and load_pack(i).vocal.harmonies_in
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_second_voice_never_crosses_and_fits_the_chord_on_beats(seed: int) -> None:
    pack_id = _sung_pack()
    pack = load_pack(pack_id)
    score = compose(_brief(pack_id, seed, 50, 70), pack)
    assert score.vocal is not None
    assert score.vocal_harmony
    sides = set()
    for h in score.vocal_harmony:
        sung = score.vocal.notes[h.note]
        assert 3 <= abs(h.pitch - sung.pitch) <= 9
        sides.add(h.pitch > sung.pitch)
        assert score.section_at(sung.start + 0.1).name in pack.vocal.harmonies_in or any(
            h.note in {s.note for s in line.syllables}
            and score.sections[line.section].name in pack.vocal.harmonies_in
            for line in score.lyrics
        )
        if sung.start % 1 == 0:
            assert h.pitch % 12 in score.chord_at(sung.start).pitch_classes
    assert len(sides) == 1


def test_instrumental_has_no_second_voice() -> None:
    brief = full_brief("synthwave").model_copy(update={"lyrics": ()})
    assert compose(brief, load_pack("synthwave")).vocal_harmony == ()
