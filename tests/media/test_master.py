import numpy as np
import pytest

from domain.errors import InvalidInput
from media.effects.chain import Context
from media.loudness import measure, true_peak_dbtp
from media.master import Finisher, tone, trim
from media.sound import Sound, gain, silence
from packs import load_pack
from tests.media.tones import RATE, noise, rms_db, sine


def spiky() -> Sound:
    """Quiet noise with loud clicks: what a limiter is for."""
    sound = noise(3.0, 0.05)
    sound[:, :: RATE // 5] = 0.95
    return sound


@pytest.mark.parametrize("ceiling_dbtp", [-1.2, -2.5])
def test_finish_keeps_loudness_and_ceiling(ceiling_dbtp: float) -> None:
    mastered = Finisher.of(spiky(), RATE).finish(ceiling_dbtp)
    assert measure(mastered, RATE).integrated_lufs == pytest.approx(-14.0, abs=0.1)
    assert true_peak_dbtp(mastered, RATE) <= ceiling_dbtp + 0.1


def test_second_finish_starts_where_the_first_ended() -> None:
    finisher = Finisher.of(spiky(), RATE)
    first = finisher.finish(-1.2)
    assert measure(finisher.finish(-1.2), RATE).integrated_lufs == pytest.approx(
        measure(first, RATE).integrated_lufs, abs=0.1
    )
    assert finisher.raise_db != 0.0


def test_silence_cannot_be_mastered() -> None:
    with pytest.raises(InvalidInput, match="silent"):
        Finisher.of(silence(RATE), RATE)
    with pytest.raises(InvalidInput, match="silent"):
        tone(silence(RATE), load_pack("synthwave"), Context(RATE, 100, 1))


def test_tone_removes_rumble_and_keeps_music() -> None:
    pack = load_pack("synthwave")
    context = Context(RATE, 100.0, 1)
    mixed = sine(440, 2.0, 0.1) + sine(12, 2.0, 0.1)
    before, after = (np.abs(np.fft.rfft(s[0])) for s in (mixed, tone(mixed, pack, context)))
    assert before[440 * 2] == pytest.approx(before[12 * 2], rel=0.01)
    assert after[440 * 2] > 4 * after[12 * 2]


def test_trim_ends_after_the_last_sound_and_fades() -> None:
    sound = np.concatenate([sine(440, 2.0), silence(3 * RATE)], axis=1)
    ended = trim(sound, RATE, earliest_s=0.0)
    assert 2.0 <= ended.shape[1] / RATE <= 2.4
    assert np.abs(ended[:, -10:]).max() < 1e-3
    assert trim(sound, RATE, earliest_s=4.0).shape[1] == 4 * RATE
    loud = sine(440, 2.0) * gain(0.0)
    assert rms_db(trim(loud, RATE, earliest_s=0.0)[:, :RATE]) == pytest.approx(
        rms_db(loud), abs=0.1
    )
