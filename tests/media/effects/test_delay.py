import numpy as np
import pytest

from domain.errors import InvalidInput
from media.effects import delay
from tests.media.tones import RATE


def test_delay_echoes_on_time_and_feedback_must_fade() -> None:
    click = np.zeros((2, RATE), dtype=np.float32)
    click[:, 0] = 1.0
    out = delay.delay(click, RATE, time_s=0.25, feedback=0.5, mix=0.5)
    later = np.abs(out[0, 100:])
    assert abs(int(later.argmax()) + 100 - RATE // 4) < 20
    with pytest.raises(InvalidInput):
        delay.delay(click, RATE, time_s=0.1, feedback=1.0, mix=0.5)
