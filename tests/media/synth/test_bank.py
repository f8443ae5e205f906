"""Rules that every patch keeps, whatever it is made of."""

import numpy as np
import pytest

from media.synth.bank import PATCHES
from media.synth.ensemble import HIGHEST_HZ as ENSEMBLE_HIGHEST_HZ
from media.synth.patch import Ensemble, Fm, Modal, Sub, Subtractive, Sweep
from media.synth.voice import render_note
from media.theory import hertz
from tests.media.synth.hearing import centre_hz, pitch_error_cents, sharpest_edge, spectrum
from tests.media.tones import RATE

PITCHED = sorted(name for name, patch in PATCHES.items() if not isinstance(patch, Sweep))
AUDIBLE_LIMIT_HZ = 17_000
# Breath is noise, and the drive of a tuned drum makes harmonics of its own, far below it.
NOISY = {
    n for n, p in PATCHES.items() if isinstance(p, Sub) or (isinstance(p, Subtractive) and p.breath)
}


@pytest.mark.parametrize("name", sorted(PATCHES))
def test_every_patch_is_heard_repeats_and_does_not_click(name: str) -> None:
    sound = render_note(PATCHES[name], 64, 0.7, 0.8, RATE)
    assert sound.dtype == np.float32
    assert sound.shape[0] == 2
    assert np.isfinite(sound).all()
    assert 0.02 < np.abs(sound).max() < 1.5
    assert np.abs(sound[:, -1]).max() < 1e-3, "the end is cut off"
    assert np.abs(sound[:, 0]).max() < 0.05, "the beginning is a step"
    assert np.array_equal(sound, render_note(PATCHES[name], 64, 0.7, 0.8, RATE))


@pytest.mark.parametrize("name", PITCHED)
@pytest.mark.parametrize("pitch", [48, 69])
def test_patches_are_in_tune(name: str, pitch: int) -> None:
    # Long enough for detuned copies to beat more than once.
    sound = render_note(PATCHES[name], pitch, 4.0, 0.8, RATE)
    settled = (sound[0] + sound[1])[int(0.15 * RATE) : 4 * RATE]
    # The players of an ensemble are out of tune with each other; that is what it is.
    limit = 6.0 if isinstance(PATCHES[name], Ensemble) else 3.0
    assert abs(pitch_error_cents(settled, hertz(pitch))) < limit


@pytest.mark.parametrize("name", [n for n in PITCHED if n not in NOISY])
def test_nothing_folds_back_from_above_the_audible_limit(name: str) -> None:
    sound = render_note(PATCHES[name], 96, 0.5, 1.0, RATE)
    frequencies, magnitudes = spectrum(sound[0])
    above = magnitudes[frequencies > AUDIBLE_LIMIT_HZ].max()
    assert 20 * np.log10(above / magnitudes.max()) < -60


@pytest.mark.parametrize("name", [n for n, p in PATCHES.items() if isinstance(p, Fm)])
def test_fm_holds_only_sums_and_differences_of_its_pairs(name: str) -> None:
    patch = PATCHES[name]
    assert isinstance(patch, Fm)
    base = hertz(88)
    sound = render_note(patch, 88, 1.0, 1.0, RATE)
    frequencies, magnitudes = spectrum(sound[0])
    legal = np.zeros_like(magnitudes, dtype=bool)
    for pair in patch.pairs:
        tuned = base * 2 ** (pair.cents / 1200)
        for k in range(-24, 25):
            side = abs(pair.carrier + k * pair.modulator) * tuned
            # Envelopes widen each line a little.
            legal |= np.abs(frequencies - side) < 60
    strays = magnitudes[~legal].max(initial=0.0)
    assert 20 * np.log10(strays / magnitudes.max() + 1e-12) < -60


@pytest.mark.parametrize("name", ["pluck", "club_piano", "tine_piano", "string_ensemble"])
def test_harder_notes_are_louder_and_brighter(name: str) -> None:
    soft, hard = (render_note(PATCHES[name], 60, 0.4, force, RATE)[0] for force in (0.3, 1.0))
    assert np.abs(hard).max() > 1.5 * np.abs(soft).max()
    assert centre_hz(hard) > centre_hz(soft)


@pytest.mark.parametrize("name", [n for n, p in PATCHES.items() if isinstance(p, Modal)])
def test_struck_notes_die_away(name: str) -> None:
    sound = render_note(PATCHES[name], 60, 4.0, 0.9, RATE)[0]
    third = len(sound) // 3
    assert np.abs(sound[-third:]).max() < 0.5 * np.abs(sound[:third]).max()


def test_a_lifted_key_damps_the_piano() -> None:
    short = render_note(PATCHES["club_piano"], 60, 0.2, 0.9, RATE)
    long = render_note(PATCHES["club_piano"], 60, 2.0, 0.9, RATE)
    assert short.shape[1] < 0.5 * RATE < long.shape[1]
    assert sharpest_edge(short[0][int(0.15 * RATE) :]) < 0.5


def test_the_808_drops_into_its_pitch_and_slides_between_notes() -> None:
    patch = PATCHES["bass_808"]
    struck = render_note(patch, 36, 1.0, 0.9, RATE)[0]
    slid = render_note(patch, 36, 1.0, 0.9, RATE, 43)[0]
    assert abs(pitch_error_cents(slid[RATE // 4 :], hertz(36))) < 6
    head = slice(0, RATE // 25)
    assert centre_hz(struck[head]) > centre_hz(struck[RATE // 2 :])
    assert not np.array_equal(struck[head], slid[head])


def test_an_ensemble_stays_under_its_limit_and_is_wide() -> None:
    sound = render_note(PATCHES["choir_pad"], 60, 2.0, 1.0, RATE)
    frequencies, magnitudes = spectrum(sound[0])
    above = magnitudes[frequencies > 1.1 * ENSEMBLE_HIGHEST_HZ].max()
    assert 20 * np.log10(above / magnitudes.max()) < -60
    assert float(np.corrcoef(sound[0], sound[1])[1, 0]) < 0.8


def test_a_riser_grows_brighter_and_louder_and_a_fall_the_reverse() -> None:
    rise, fall = (
        render_note(PATCHES[n], 60, 2.0, 0.9, RATE)[0] for n in ("noise_riser", "downlifter")
    )
    for early, late in (
        (rise[: RATE // 2], rise[-RATE // 2 :]),
        (fall[-RATE // 2 :], fall[: RATE // 2]),
    ):
        assert centre_hz(late) > 1.5 * centre_hz(early)
        assert np.std(late) > 2 * np.std(early)
    assert len(rise) == pytest.approx(2.0 * RATE, abs=2)
