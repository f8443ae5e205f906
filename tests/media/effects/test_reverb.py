import numpy as np
import pytest

from media.effects import reverb
from tests.media.tones import RATE, rms_db


def test_reverb_decays_as_asked() -> None:
    click = np.zeros((2, 3 * RATE), dtype=np.float32)
    click[:, 0] = 1.0
    room = reverb.impulse(RATE, decay_s=1.2, damping_hz=5000, seed=3)
    out = reverb.reverb(click, room)
    early = rms_db(out[:, int(0.1 * RATE) : int(0.2 * RATE)])
    late = rms_db(out[:, int(0.7 * RATE) : int(0.8 * RATE)])
    assert early - late == pytest.approx(60 * 0.6 / 1.2, abs=5)
    assert np.corrcoef(out[0], out[1])[0, 1] < 0.5
