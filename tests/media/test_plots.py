"""Pictures of a song: readable, of one size, and telling songs apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media.compose import compose
from media.plots import Subject, draw_plots
from media.sheet import HEIGHT_PX, SECTION_COLOURS, WIDTH_PX, colour_of, parts_between
from media.sound import Sound
from packs import load_pack
from tests.media.songs import sketch_brief
from tests.media.tones import RATE, noise, sine

NAMES = ["waveform", "spectrogram", "loudness", "structure"]


def _sound(seconds: float) -> Sound:
    return np.concatenate([sine(220, seconds / 2, 0.2), noise(seconds / 2, 0.1)], axis=1)


@pytest.fixture(scope="module")
def subject() -> Subject:
    score = compose(sketch_brief("lofi"), load_pack("lofi"))
    return Subject("A <Song> & $x$", _sound(14.0), RATE, score)


def _colours(path: Path) -> set[tuple[int, ...]]:
    palette = Image.open(path).getpalette() or []
    return {tuple(palette[i : i + 3]) for i in range(0, len(palette), 3)}


def _near(colours: set[tuple[int, ...]], wanted: str) -> bool:
    target = [int(wanted[i : i + 2], 16) for i in (1, 3, 5)]
    return any(max(abs(a - b) for a, b in zip(c, target, strict=True)) <= 12 for c in colours)


def test_four_pictures_of_one_size_show_the_sections(subject: Subject, tmp_path: Path) -> None:
    plots = draw_plots(subject, tmp_path / "plots")
    assert [plot.name for plot in plots] == NAMES
    for plot in plots:
        assert plot.path == tmp_path / "plots" / f"{plot.name}.png"
        assert Image.open(plot.path).size == (WIDTH_PX, HEIGHT_PX)
        assert plot.path.stat().st_size < 700_000
        assert _near(_colours(plot.path), SECTION_COLOURS["chorus"])


def test_the_same_song_gives_the_same_pictures_and_another_does_not(
    subject: Subject, tmp_path: Path
) -> None:
    first = draw_plots(subject, tmp_path / "a")
    again = draw_plots(Subject("A <Song> & $x$", _sound(14.0), RATE, subject.score), tmp_path / "b")
    other = draw_plots(Subject("Other", _sound(12.0), RATE), tmp_path / "c")
    for one, two, three in zip(first, again, other, strict=True):
        assert one.path.read_bytes() == two.path.read_bytes() != three.path.read_bytes()


@pytest.mark.parametrize(
    "sound",
    [np.zeros((2, 12 * RATE), np.float32), sine(440, 0.5), noise(4.0)[:1]],
    ids=["silence", "half a second", "mono"],
)
def test_odd_sounds_are_drawn_without_a_score(sound: Sound, tmp_path: Path) -> None:
    assert [plot.name for plot in draw_plots(Subject("Odd", sound, RATE), tmp_path)] == NAMES


def test_parts_cover_the_song_and_sections_keep_their_colour() -> None:
    parts = parts_between((10.0, 30.0), 45.0)
    assert [(p.start_s, p.end_s) for p in parts] == [(0.0, 10.0), (10.0, 30.0), (30.0, 45.0)]
    assert colour_of("Pre-Chorus") == colour_of("prechorus") != colour_of("chorus")
    assert colour_of("drift") == colour_of("drift")
