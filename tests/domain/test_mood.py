from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.mood import CAUSES_KEPT, HALF_LIFE_HOURS, Mood, MoodCause

NOW = datetime(2026, 5, 1, tzinfo=UTC)
AXES = ("valence", "arousal", "dominance")
axis = st.floats(-1, 1)
moments = st.integers(-10_000, 10_000).map(lambda m: NOW + timedelta(minutes=m))
moods = st.builds(
    Mood,
    valence=axis,
    arousal=axis,
    dominance=axis,
    rest_valence=axis,
    rest_arousal=axis,
    rest_dominance=axis,
    at=st.just(NOW),
)
causes = st.builds(
    MoodCause, what=st.just("rain"), valence=axis, arousal=axis, dominance=axis, at=moments
)


@given(mood=moods)
def test_half_of_the_way_to_rest_is_gone_after_a_half_life(mood: Mood) -> None:
    later = mood.decayed(NOW + timedelta(hours=HALF_LIFE_HOURS))
    for name in AXES:
        rest = getattr(mood, f"rest_{name}")
        away = getattr(mood, name) - rest
        assert getattr(later, name) - rest == pytest.approx(away / 2, abs=1e-9)


@given(mood=moods, hours=st.floats(0, 5000), parts=st.integers(1, 6))
def test_decay_does_not_depend_on_how_often_one_looks(mood: Mood, hours: float, parts: int) -> None:
    once = mood.decayed(NOW + timedelta(hours=hours))
    looked = mood
    for n in range(1, parts + 1):
        looked = looked.decayed(NOW + timedelta(hours=hours * n / parts))
    for name in AXES:
        assert getattr(looked, name) == pytest.approx(getattr(once, name), abs=1e-6)


@given(mood=moods, when=moments)
def test_looking_back_in_time_changes_nothing(mood: Mood, when: datetime) -> None:
    seen = mood.decayed(min(when, NOW))
    assert [getattr(seen, a) for a in AXES] == pytest.approx([getattr(mood, a) for a in AXES])
    assert seen.at == NOW


@given(mood=moods, felt=st.lists(causes, max_size=30))
def test_no_history_leaves_the_scale_or_keeps_too_many_causes(
    mood: Mood, felt: list[MoodCause]
) -> None:
    for cause in felt:
        before = mood.at
        mood = mood.moved(cause)
        assert mood.at >= before
        assert all(-1 <= getattr(mood, name) <= 1 for name in AXES)
    assert mood.causes == tuple(felt[-CAUSES_KEPT:])
    assert Mood.model_validate(mood.model_dump()) == mood


def test_a_push_moves_only_its_own_axis_and_is_clipped() -> None:
    mood = Mood(valence=0.9, arousal=0.1, at=NOW)
    moved = mood.moved(MoodCause(what="a prize", valence=0.5, at=NOW))
    assert (moved.valence, moved.arousal, moved.dominance) == (1.0, 0.1, 0.0)


@pytest.mark.parametrize("value", [1.01, -2, float("nan"), float("inf")])
def test_values_off_the_scale_are_refused(value: float) -> None:
    with pytest.raises(ValidationError):
        Mood(valence=value, at=NOW)
    with pytest.raises(ValidationError):
        MoodCause(what="x", arousal=value, at=NOW)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "even"),
        ({"valence": 0.5, "arousal": 0.5}, "elated"),
        ({"valence": 0.5, "arousal": -0.5}, "content"),
        ({"valence": -0.5, "arousal": 0.5, "dominance": 0.5}, "defiant"),
        ({"valence": -0.5, "arousal": 0.5, "dominance": -0.5}, "anxious"),
        ({"valence": -0.5, "arousal": -0.5, "dominance": 0.5}, "pensive"),
        ({"valence": -0.5, "arousal": -0.5, "dominance": -0.5}, "low"),
    ],
)
def test_octants_have_names(values: dict[str, Any], word: str) -> None:
    assert Mood(at=NOW, **values).word() == word
