import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.voice.align import refined
from media.voice.phonemes import Phone

FRAME_S = 0.005
# "sat": hiss, tone, hiss.
SAT = (Phone("s", "onset", 0), Phone("æ", "vowel", 0, stress=2), Phone("t", "coda", 0))


def flags(first: int, last: int, frames: int = 120) -> npt.NDArray[np.bool_]:
    made = np.zeros(frames, dtype=bool)
    made[first:last] = True
    return made


def test_borders_move_to_where_the_tone_begins_and_ends() -> None:
    told = np.array([0.10, 0.20, 0.40, 0.50])
    found = refined(SAT, told, flags(44, 70), flags(10, 110), FRAME_S)
    assert found == pytest.approx([0.05, 0.22, 0.35, 0.545], abs=0.006)


def test_right_borders_stay() -> None:
    told = np.array([0.10, 0.20, 0.40, 0.50])
    found = refined(SAT, told, flags(40, 80), flags(20, 100), FRAME_S)
    assert found == pytest.approx(told, abs=0.006)


@given(st.lists(st.booleans(), min_size=120, max_size=120))
def test_whatever_is_heard_the_order_stays(heard: list[bool]) -> None:
    told = np.array([0.10, 0.20, 0.40, 0.50])
    found = refined(SAT, told, np.array(heard), np.array(heard), FRAME_S)
    assert (np.diff(found) > 0.0).all()
    assert found[0] >= 0.0
