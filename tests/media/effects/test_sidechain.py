import pytest

from media.effects import sidechain
from tests.media.tones import RATE


def test_ducking_dips_at_each_kick_and_recovers() -> None:
    curve = sidechain.duck_curve(2 * RATE, RATE, [0.5], depth_db=12)
    assert curve[int(0.52 * RATE)] == pytest.approx(10 ** (-12 / 20), abs=0.02)
    assert curve[0] == pytest.approx(1.0)
    assert curve[int(1.9 * RATE)] == pytest.approx(1.0)
