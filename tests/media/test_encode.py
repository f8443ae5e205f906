import numpy as np
import pytest

from domain.errors import InvalidInput
from media.encode import decode, flac_bytes, mp3_bytes, ogg_bytes, pcm_sha256, to_pcm24
from tests.media.tones import RATE, noise, sine


def test_flac_is_lossless_at_24_bits() -> None:
    sound = noise(0.5, 0.1)
    back, rate = decode(flac_bytes(to_pcm24(sound), RATE))
    assert rate == RATE
    assert np.abs(back - sound).max() < 2.0**-22


def test_mp3_keeps_the_sound() -> None:
    sound = sine(440, 2.0)
    data = mp3_bytes(sound, RATE, seed=1)
    back, rate = decode(data)
    assert rate == RATE
    assert back.shape[1] == pytest.approx(sound.shape[1], abs=0.1 * RATE)
    assert np.abs(back[:, RATE]).max() <= 0.55
    assert mp3_bytes(sound, RATE, seed=1) == data


def test_ogg_keeps_the_sound_of_a_long_song() -> None:
    sound = np.tile(sine(440, 1.0), (1, 95))
    back, rate = decode(ogg_bytes(sound, RATE))
    assert rate == RATE
    assert back.shape == sound.shape
    assert np.abs(back - sound).max() < 0.05


def test_hash_depends_on_samples_only() -> None:
    pcm = to_pcm24(noise(0.1))
    changed = pcm.copy()
    changed[5, 0] += 1
    assert pcm_sha256(pcm) == pcm_sha256(pcm.copy())
    assert pcm_sha256(pcm) != pcm_sha256(changed)


def test_wrong_shape_is_refused() -> None:
    with pytest.raises(InvalidInput):
        to_pcm24(noise(0.1).T)
