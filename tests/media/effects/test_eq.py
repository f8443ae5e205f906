from collections.abc import Callable

import numpy as np
import pytest

from domain.errors import InvalidInput
from media.effects import eq
from media.sound import Sound
from tests.media.tones import RATE, noise, rms_db, sine


def test_double_precision_is_refused() -> None:
    with pytest.raises(InvalidInput, match="float64"):
        eq.highpass(noise(0.1).astype(np.float64), RATE, hz=100)


@pytest.mark.parametrize(
    ("effect", "kept_hz", "removed_hz"),
    [
        (lambda s: eq.highpass(s, RATE, hz=500), 4000, 60),
        (lambda s: eq.lowpass(s, RATE, hz=500), 60, 4000),
    ],
)
def test_pass_filters(effect: Callable[[Sound], Sound], kept_hz: float, removed_hz: float) -> None:
    assert rms_db(effect(sine(kept_hz))) == pytest.approx(rms_db(sine(kept_hz)), abs=0.3)
    assert rms_db(effect(sine(removed_hz))) < rms_db(sine(removed_hz)) - 30


@pytest.mark.parametrize(
    ("effect", "moved_hz", "kept_hz"),
    [
        (lambda s: eq.peak(s, RATE, hz=1000, db=6), 1000, 60),
        (lambda s: eq.low_shelf(s, RATE, hz=200, db=6), 40, 5000),
        (lambda s: eq.high_shelf(s, RATE, hz=4000, db=6), 15000, 200),
    ],
)
def test_bands_are_raised(
    effect: Callable[[Sound], Sound], moved_hz: float, kept_hz: float
) -> None:
    assert rms_db(effect(sine(moved_hz))) - rms_db(sine(moved_hz)) == pytest.approx(6, abs=0.4)
    assert rms_db(effect(sine(kept_hz))) - rms_db(sine(kept_hz)) == pytest.approx(0, abs=0.3)


def test_frequency_above_half_the_rate_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        eq.lowpass(noise(0.1), RATE, hz=30_000)
    assert caught.value.field == "hz"
