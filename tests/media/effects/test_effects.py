from collections.abc import Callable

import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.genre import EffectSpec
from media.effects import compressor, delay, eq, reverb, saturation, sidechain, stereo
from media.effects.chain import EFFECTS, Context, run_chain
from media.effects.limiter import limit
from media.loudness import true_peak_dbtp
from media.sound import Sound
from tests.media.tones import RATE, noise, rms_db, sine

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


def test_double_precision_is_refused() -> None:
    with pytest.raises(InvalidInput, match="float64"):
        eq.highpass(noise(0.1).astype(np.float64), RATE, hz=100)


def test_unknown_effect_and_setting_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no effect"):
        run_chain(noise(0.1), [EffectSpec(effect="flanger")], CONTEXT)
    with pytest.raises(InvalidInput, match="does not take"):
        _run("peak", noise(0.1), cycles=3)


@pytest.mark.parametrize(
    ("effect", "kept_hz", "removed_hz"),
    [
        (lambda s: eq.highpass(s, RATE, hz=500), 4000, 60),
        (lambda s: eq.lowpass(s, RATE, hz=500), 60, 4000),
    ],
)
def test_pass_filters(effect: Callable[[Sound], Sound], kept_hz: float, removed_hz: float) -> None:
    assert rms_db(effect(sine(kept_hz))) == pytest.approx(rms_db(sine(kept_hz)), abs=0.3)
    assert rms_db(effect(sine(removed_hz))) < rms_db(sine(removed_hz)) - 30


@pytest.mark.parametrize(
    ("effect", "moved_hz", "kept_hz"),
    [
        (lambda s: eq.peak(s, RATE, hz=1000, db=6), 1000, 60),
        (lambda s: eq.low_shelf(s, RATE, hz=200, db=6), 40, 5000),
        (lambda s: eq.high_shelf(s, RATE, hz=4000, db=6), 15000, 200),
    ],
)
def test_bands_are_raised(
    effect: Callable[[Sound], Sound], moved_hz: float, kept_hz: float
) -> None:
    assert rms_db(effect(sine(moved_hz))) - rms_db(sine(moved_hz)) == pytest.approx(6, abs=0.4)
    assert rms_db(effect(sine(kept_hz))) - rms_db(sine(kept_hz)) == pytest.approx(0, abs=0.3)


def test_frequency_above_half_the_rate_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        eq.lowpass(noise(0.1), RATE, hz=30_000)
    assert caught.value.field == "hz"


def test_compressor_follows_its_ratio() -> None:
    loud = sine(300, level=1.0)
    out = compressor.compress(loud, RATE, threshold_db=-20, ratio=4)[:, RATE // 2 :]
    assert 20 * np.log10(np.abs(out).max()) == pytest.approx(-15, abs=0.5)
    quiet = sine(300, level=0.05)
    assert np.allclose(compressor.compress(quiet, RATE, threshold_db=-20, ratio=4), quiet)


def test_deesser_tames_hiss_and_leaves_vowels() -> None:
    hiss, vowel = sine(8000, level=0.4), sine(400, level=0.4)
    tamed = compressor.deess(hiss + vowel, RATE, hz=5500, threshold_db=-30, ratio=4)[:, RATE // 4 :]
    frequencies = np.fft.rfftfreq(tamed.shape[1], 1 / RATE)
    found = np.abs(np.fft.rfft(tamed[0])) / (tamed.shape[1] / 2)
    assert 20 * np.log10(found[np.argmin(np.abs(frequencies - 8000))] / 0.4) < -10
    assert found[np.argmin(np.abs(frequencies - 400))] == pytest.approx(0.4, rel=0.05)


def test_deesser_leaves_a_voice_without_hiss_alone() -> None:
    vowel = sine(300, level=0.3)
    assert np.allclose(compressor.deess(vowel, RATE, threshold_db=-30), vowel, atol=1e-4)


def test_ducking_dips_at_each_kick_and_recovers() -> None:
    curve = sidechain.duck_curve(2 * RATE, RATE, [0.5], depth_db=12)
    assert curve[int(0.52 * RATE)] == pytest.approx(10 ** (-12 / 20), abs=0.02)
    assert curve[0] == pytest.approx(1.0)
    assert curve[int(1.9 * RATE)] == pytest.approx(1.0)


def test_saturation_adds_odd_harmonics_but_no_aliases() -> None:
    out = saturation.saturate(sine(9000, level=0.9), RATE, drive_db=12)[0]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    hertz = np.fft.rfftfreq(len(out), 1 / RATE)
    # Without oversampling the third harmonic (27 kHz) would fold to 17.1 kHz.
    alias = spectrum[(hertz > 17_000) & (hertz < 17_200)].max()
    assert 20 * np.log10(alias / spectrum.max()) < -55


def test_delay_echoes_on_time_and_feedback_must_fade() -> None:
    click = np.zeros((2, RATE), dtype=np.float32)
    click[:, 0] = 1.0
    out = delay.delay(click, RATE, time_s=0.25, feedback=0.5, mix=0.5)
    later = np.abs(out[0, 100:])
    assert abs(int(later.argmax()) + 100 - RATE // 4) < 20
    with pytest.raises(InvalidInput):
        delay.delay(click, RATE, time_s=0.1, feedback=1.0, mix=0.5)


def test_reverb_decays_as_asked() -> None:
    click = np.zeros((2, 3 * RATE), dtype=np.float32)
    click[:, 0] = 1.0
    room = reverb.impulse(RATE, decay_s=1.2, damping_hz=5000, seed=3)
    out = reverb.reverb(click, room)
    early = rms_db(out[:, int(0.1 * RATE) : int(0.2 * RATE)])
    late = rms_db(out[:, int(0.7 * RATE) : int(0.8 * RATE)])
    assert early - late == pytest.approx(60 * 0.6 / 1.2, abs=5)
    assert np.corrcoef(out[0], out[1])[0, 1] < 0.5


def test_no_width_is_mono() -> None:
    out = stereo.width(noise(0.2), amount=0.0)
    assert np.allclose(out[0], out[1])


@pytest.mark.parametrize("ceiling", [-1.0, -6.0])
def test_limiter_keeps_true_peaks_under_the_ceiling(ceiling: float) -> None:
    loud = noise(2.0, level=0.5) + sine(11_025, 2.0, level=0.6)
    assert true_peak_dbtp(loud, RATE) > 0
    assert true_peak_dbtp(limit(loud, RATE, ceiling_dbtp=ceiling), RATE) <= ceiling + 0.15


def test_limiter_leaves_quiet_sound_alone() -> None:
    quiet = sine(440, level=0.1)
    assert np.array_equal(limit(quiet, RATE, ceiling_dbtp=-1), quiet)
