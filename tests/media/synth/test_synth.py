import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.genre import DRUMS
from domain.score import Note, Track
from media.synth.drums import KITS, render_hit
from media.synth.patches import PATCHES
from media.synth.track import render_track
from media.synth.voice import render_note
from media.synth.wavetable import play, stack
from media.theory import hertz
from tests.media.tones import RATE


def _spectrum(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.fft.rfftfreq(len(sound), 1 / RATE), np.abs(
        np.fft.rfft(sound * np.hanning(len(sound)))
    )


@pytest.mark.parametrize("wave", ["saw", "square", "pulse", "triangle"])
@pytest.mark.parametrize("pitch", [45, 76, 100])
def test_oscillators_do_not_alias(wave: str, pitch: int) -> None:
    base = hertz(pitch)
    sound = play(stack(wave, base), base, np.full(RATE, 16_000.0), RATE, 0.1)
    frequencies, spectrum = _spectrum(sound)
    distance = np.abs(frequencies / base - np.round(frequencies / base)) * base
    strays = spectrum[(distance > 8) & (frequencies > 20)].max()
    assert 20 * np.log10(strays / spectrum.max()) < -60


@pytest.mark.parametrize("name", sorted(PATCHES))
def test_patches_sound_at_their_pitch(name: str) -> None:
    sound = render_note(PATCHES[name], 69, 0.8, 0.8, RATE)
    assert sound.dtype == np.float32
    assert 0.02 < np.abs(sound).max() < 2.0
    assert np.abs(sound[:, -1]).max() < 1e-3, "the release ends in a click"
    frequencies, spectrum = _spectrum(sound[0])
    near = spectrum[np.abs(frequencies - 440) < 8].max()
    assert near > 0.05 * spectrum.max()


def test_harder_notes_are_louder_and_brighter() -> None:
    soft, hard = (render_note(PATCHES["pluck"], 60, 0.4, force, RATE)[0] for force in (0.3, 1.0))
    assert np.abs(hard).max() > 1.5 * np.abs(soft).max()

    def centre(sound: np.ndarray) -> float:
        frequencies, spectrum = _spectrum(sound)
        return float((frequencies * spectrum).sum() / spectrum.sum())

    assert centre(hard) > centre(soft)


@pytest.mark.parametrize("kit", sorted(KITS))
@pytest.mark.parametrize("drum", sorted(DRUMS))
def test_every_kit_has_every_drum(kit: str, drum: str) -> None:
    sound = render_hit(KITS[kit], DRUMS[drum], 1.0, 0, RATE)
    assert sound.shape[0] == 2
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() > 0.02
    assert np.abs(sound[:, -1]).max() < 1e-6


def test_takes_of_a_snare_differ() -> None:
    first, second = (render_hit(KITS["retro_kit"], 38, 1.0, take, RATE) for take in (0, 1))
    assert not np.array_equal(first, second)


def test_track_places_notes_in_time() -> None:
    track = Track(
        role="bass", part="bass", voice="x", engine="synth", program=38, patch="saw_bass",
        notes=(Note(start=1.0, duration=0.5, pitch=40, velocity=100),),
    )  # fmt: skip
    sound = render_track(track, 120.0, 2 * RATE, RATE)
    assert not sound[:, : RATE // 2].any()
    assert sound[:, RATE // 2 : RATE].any()


def test_unknown_patch_names_the_known_ones() -> None:
    track = Track(
        role="x", part="bass", voice="x", engine="synth", program=1, patch="theremin", notes=()
    )
    with pytest.raises(InvalidInput) as caught:
        render_track(track, 120.0, RATE, RATE)
    assert "saw_lead" in (caught.value.remedy or "")
