from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.singer import Singer


def _singer(low: int = 48, high: int = 67) -> Singer:
    return Singer(id="low", name="Low", description="A low voice.", low=low, high=high)


def test_a_singer_sings_its_languages_only() -> None:
    assert _singer().sings("en")
    assert not _singer().sings("he")


def test_the_compass_names_notes_as_musicians_do() -> None:
    assert _singer(45, 64).compass == "A2–E4"


def test_a_singer_without_an_octave_is_refused() -> None:
    with pytest.raises(ValidationError, match="12 semitones"):
        _singer(60, 71)
