import numpy as np

from media.effects import chorus
from tests.media.tones import RATE, sine


def test_chorus_moves_the_channels_apart() -> None:
    dry = sine(700, 2.0)
    wet = chorus.chorus(dry, RATE, rate_hz=0.7, depth_ms=3, mix=0.5)
    assert np.array_equal(dry[0], dry[1])
    settled = wet[:, RATE // 4 :]
    assert float(np.corrcoef(settled[0], settled[1])[1, 0]) < 0.99


def test_no_mix_is_no_chorus() -> None:
    dry = sine(700)
    assert np.allclose(chorus.chorus(dry, RATE, rate_hz=0.7, depth_ms=3, mix=0.0), dry)
