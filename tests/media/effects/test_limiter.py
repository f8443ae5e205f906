import numpy as np
import pytest

from media.effects.limiter import limit
from media.loudness import true_peak_dbtp
from tests.media.tones import RATE, noise, sine


@pytest.mark.parametrize("ceiling", [-1.0, -6.0])
def test_limiter_keeps_true_peaks_under_the_ceiling(ceiling: float) -> None:
    loud = noise(2.0, level=0.5) + sine(11_025, 2.0, level=0.6)
    assert true_peak_dbtp(loud, RATE) > 0
    assert true_peak_dbtp(limit(loud, RATE, ceiling_dbtp=ceiling), RATE) <= ceiling + 0.15


def test_limiter_leaves_quiet_sound_alone() -> None:
    quiet = sine(440, level=0.1)
    assert np.array_equal(limit(quiet, RATE, ceiling_dbtp=-1), quiet)
