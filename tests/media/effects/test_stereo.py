import numpy as np

from media.effects import stereo
from tests.media.tones import noise


def test_no_width_is_mono() -> None:
    out = stereo.width(noise(0.2), amount=0.0)
    assert np.allclose(out[0], out[1])
