import numpy as np
import pytest

from domain.genre import GenrePack, Range
from media.analysis import mono, spectral_centroid_hz
from media.effects.eq import lowpass
from media.sound import Sound
from media.steer import correlation, steer
from packs import load_pack
from tests.media.tones import RATE, noise, sine


def asking(**ranges: Range) -> GenrePack:
    """A pack that asks for these ranges and excuses what is not named."""
    pack = load_pack("synthwave")
    excused = {gate: "not asked" for gate in ("centroid", "stereo") if gate not in ranges}
    rules = pack.gates.model_copy(update={"ranges": ranges, "not_applicable": excused})
    return pack.model_copy(update={"gates": rules})


def brightness(sound: Sound) -> float:
    return spectral_centroid_hz(mono(sound, RATE))


def test_dull_and_harsh_songs_come_into_the_range() -> None:
    dull = lowpass(noise(2.0), RATE, hz=1500)
    found = brightness(dull)
    brighter = steer(dull, asking(centroid=Range(low=found * 1.1, high=9000)), RATE)
    assert brightness(brighter) > found * 1.1
    darker = steer(dull, asking(centroid=Range(low=100, high=found * 0.9)), RATE)
    assert brightness(darker) < found * 0.9


@pytest.mark.parametrize(("low", "high"), [(0.3, 0.6), (-0.5, 0.1)])
def test_width_comes_into_the_range(low: float, high: float) -> None:
    both, apart = noise(1.0, 0.1, 1)[:1], noise(1.0, 0.05, 2)
    narrow = np.vstack([both, both]) + apart
    assert correlation(narrow) > 0.7
    wider = steer(narrow, asking(stereo=Range(low=low, high=high)), RATE)
    assert low <= correlation(wider) <= high
    reference = float(np.asarray(np.corrcoef(wider[0], wider[1]))[0, 1])
    assert correlation(wider) == pytest.approx(reference, abs=1e-3)


def test_too_wide_a_song_is_narrowed() -> None:
    wide = noise(1.0)
    assert steer(wide, asking(stereo=Range(low=0.3, high=0.98)), RATE).shape == wide.shape
    assert correlation(steer(wide, asking(stereo=Range(low=0.3, high=0.98)), RATE)) >= 0.3


def test_song_inside_its_ranges_is_left_alone() -> None:
    sound = noise(1.0) + sine(300, 1.0, 0.3)
    pack = asking(centroid=Range(low=100, high=20_000), stereo=Range(low=-1, high=1))
    assert np.array_equal(steer(sound, pack, RATE), sound)


def test_what_does_not_apply_changes_nothing() -> None:
    sound = noise(1.0)
    assert np.array_equal(steer(sound, asking(), RATE), sound)
