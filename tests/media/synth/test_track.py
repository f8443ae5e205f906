import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.genre import DRUMS
from domain.score import Note, Track
from media.synth.drums import KITS, render_hit
from media.synth.track import render_track
from tests.media.synth.hearing import centre_hz
from tests.media.tones import RATE


def _track(patch: str, *notes: Note) -> Track:
    return Track(
        role="x", part="bass", voice="x", engine="synth", program=38, patch=patch, notes=notes
    )


def _note(start: float, pitch: int, duration: float = 0.5, velocity: int = 100) -> Note:
    return Note(start=start, duration=duration, pitch=pitch, velocity=velocity)


@pytest.mark.parametrize("kit", sorted(KITS))
@pytest.mark.parametrize("drum", sorted(DRUMS))
def test_every_kit_has_every_drum(kit: str, drum: str) -> None:
    sound = render_hit(KITS[kit], DRUMS[drum], 1.0, 0, RATE)
    assert sound.shape[0] == 2
    assert sound.dtype == np.float32
    assert 0.02 < np.abs(sound).max() < 1.6
    assert np.abs(sound[:, -1]).max() < 1e-6


def test_takes_of_a_snare_differ() -> None:
    first, second = (render_hit(KITS["retro_kit"], 38, 1.0, take, RATE) for take in (0, 1))
    assert not np.array_equal(first, second)


def test_kits_differ() -> None:
    snares = [render_hit(kit, DRUMS["snare"], 1.0, 0, RATE)[0] for kit in KITS.values()]
    hats = [render_hit(kit, DRUMS["hat"], 1.0, 0, RATE)[0] for kit in KITS.values()]
    assert len({round(centre_hz(s)) for s in snares}) == len(KITS)
    assert max(map(len, hats)) > 2 * min(map(len, hats))


def test_notes_stand_at_their_time() -> None:
    sound = render_track(_track("saw_bass", _note(1.0, 40)), 120.0, 2 * RATE, RATE)
    assert not sound[:, : RATE // 2].any()
    assert sound[:, RATE // 2 : RATE].any()


def test_loudness_is_exact_though_strength_is_rounded() -> None:
    levels = [
        np.abs(render_track(_track("sine_lead", _note(0, 60, 1.0, v)), 120.0, RATE, RATE)).max()
        for v in (96, 97, 98)
    ]
    assert levels[0] < levels[1] < levels[2]


def test_a_closed_hat_chokes_the_open_one() -> None:
    opened = _note(0, DRUMS["open"])
    free = render_track(_track("house_kit", opened), 120.0, RATE, RATE)
    closed = render_track(_track("house_kit", opened, _note(0.25, DRUMS["hat"])), 120.0, RATE, RATE)
    late = slice(int(0.22 * RATE), int(0.5 * RATE))
    assert np.abs(closed[:, late]).max() < 0.5 * np.abs(free[:, late]).max()


def test_808_notes_do_not_overlap_and_slide_when_they_touch() -> None:
    apart = render_track(
        _track("bass_808", _note(0, 31, 0.4), _note(2, 36, 0.5)), 120.0, 2 * RATE, RATE
    )
    slurred = render_track(
        _track("bass_808", _note(0, 31, 2.0), _note(2, 36, 0.5)), 120.0, 2 * RATE, RATE
    )
    head = slice(RATE, RATE + RATE // 25)
    assert centre_hz(apart[0, head]) > centre_hz(slurred[0, head])
    assert np.abs(slurred).max() < 1.0


def test_unknown_patch_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        render_track(_track("theremin"), 120.0, RATE, RATE)
    assert "saw_lead" in (caught.value.remedy or "")
