from __future__ import annotations

import pytest

from agents.producer import mix_asked, sound_asked
from domain.score import BriefOverrides


@pytest.mark.parametrize(
    ("said", "tempo"),
    [
        ("It is too slow.", 99.0),
        ("Faster, please.", 99.0),
        ("Too fast for me.", 81.0),
        ("Slower and sadder.", 81.0),
        ("Another melody.", None),
    ],
)
def test_the_tempo_moves_as_it_was_asked(said: str, tempo: float | None) -> None:
    asked = sound_asked(BriefOverrides(), said, before_bpm=90.0, tempo_bpm=(70.0, 120.0))
    assert asked.tempo_bpm == tempo


def test_the_tempo_stays_in_the_artists_range() -> None:
    asked = sound_asked(BriefOverrides(), "Faster", before_bpm=90.0, tempo_bpm=(70.0, 92.0))
    assert asked.tempo_bpm == 92.0


def test_energy_is_raised_and_lowered_within_its_bounds() -> None:
    def energy(said: str, had: float) -> float | None:
        fixed = BriefOverrides(energy=had)
        return sound_asked(fixed, said, before_bpm=90.0, tempo_bpm=(70.0, 120.0)).energy

    assert energy("More energy!", 0.2) == pytest.approx(0.5)
    assert energy("It is too busy.", 0.2) == pytest.approx(-0.1)
    assert energy("More energy!", 0.9) == 1.0
    assert energy("Another melody.", 0.2) == 0.2


@pytest.mark.parametrize(
    ("said", "used", "take"),
    [
        ("I cannot hear the voice.", 0, 1),
        ("Make it wider.", 0, 2),
        ("The drums lack punch.", 0, 3),
        ("It is harsh.", 1, 4),
        ("The voice is still too quiet.", 1, 5),
        ("I do not like it.", 2, 3),
    ],
)
def test_a_mix_is_another_one_of_the_taste_that_was_named(said: str, used: int, take: int) -> None:
    assert mix_asked(said, used) == take
