import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.genre import EffectSpec
from media.effects.chain import EFFECTS, Context, run_chain
from media.sound import Sound
from tests.media.tones import RATE, noise

CONTEXT = Context(RATE, 120.0, 7)
SETTINGS: dict[str, dict[str, float]] = {
    "highpass": {"hz": 100},
    "lowpass": {"hz": 5000},
    "peak": {"hz": 1000, "db": 3},
    "low_shelf": {"hz": 100, "db": 3},
    "high_shelf": {"hz": 8000, "db": 3},
    "compressor": {"threshold_db": -20, "ratio": 3},
    "deesser": {"hz": 6000, "threshold_db": -40, "ratio": 4},
    "saturate": {"drive_db": 6},
    "tape": {"wow_cents": 5, "drive_db": 3},
    "crackle": {"level_db": -40},
    "chorus": {"rate_hz": 0.5, "depth_ms": 3, "mix": 0.4},
    "delay": {"beats": 0.5, "feedback": 0.3, "mix": 0.3},
    "width": {"amount": 0.5},
}


def _run(name: str, sound: Sound, **settings: float) -> Sound:
    spec = EffectSpec(effect=name, settings=settings or SETTINGS[name])
    return run_chain(sound, [spec], CONTEXT)


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_every_effect_keeps_the_sound_contract(name: str) -> None:
    sound = noise(0.5)
    before = sound.copy()
    out = _run(name, sound)
    assert out.shape == sound.shape
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert np.array_equal(sound, before), "the input was changed"
    assert not np.array_equal(out, sound), "nothing happened"
    assert np.array_equal(out, _run(name, sound)), "not repeatable"


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_every_effect_refuses_a_wrong_shape_by_name(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        _run(name, noise(0.1).T.copy())
    assert caught.value.field == "sound"


def test_unknown_effect_and_setting_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no effect"):
        run_chain(noise(0.1), [EffectSpec(effect="flanger")], CONTEXT)
    with pytest.raises(InvalidInput, match="does not take"):
        _run("peak", noise(0.1), cycles=3)
