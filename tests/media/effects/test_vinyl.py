import numpy as np

from media.effects import vinyl
from media.sound import silence
from tests.media.tones import RATE, rms_db, sine


def test_tape_wanders_in_pitch_and_no_further_than_asked() -> None:
    out = vinyl.tape(sine(1000, 4.0), RATE, wow_cents=20, drive_db=0, seed=3)[0, RATE // 4 :]
    crossings = np.flatnonzero((out[:-1] < 0) & (out[1:] >= 0))
    # Ten cycles at a time average the reading errors out.
    cents = 1200 * np.log2(10 * RATE / np.diff(crossings[::10]) / 1000)
    assert 5 < np.abs(cents[2:-2]).max() < 35


def test_crackle_lies_under_the_music_and_repeats_by_seed() -> None:
    quiet = silence(2 * RATE)
    first, again, other = (vinyl.crackle(quiet, RATE, level_db=-50, seed=s) for s in (1, 1, 2))
    assert -70 < rms_db(first) < -30
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
