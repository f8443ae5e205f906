"""The structure analyser finds borders nobody told it, and does not invent them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.score import Section
from media.compose import compose
from media.sound import Sound
from media.structure import (
    border_scores,
    chance_f1,
    describe,
    find_borders,
    novelty,
    section_borders,
    self_similarity,
)
from packs import load_pack
from tests.media.songs import full_brief, sketch_brief
from tests.media.tones import RATE, noise

BEAT_S = 0.5
BAR_S = 2.0
times = st.lists(st.floats(min_value=0, max_value=200, allow_nan=False), max_size=12)


def _bars(kind: str, bars: int) -> Sound:
    """A section: chords of its own, with or without drums, one chord a bar."""
    chords = {"a": ((220, 277, 330), (196, 247, 294)), "b": ((440, 554, 659), (494, 587, 740))}
    out = []
    rng = np.random.default_rng(bars)
    for bar in range(bars):
        t = np.arange(int(BAR_S * RATE)) / RATE
        tones = chords["b" if kind == "b" else "a"][bar % 2]
        level = 0.18 if kind == "b" else 0.08
        sound = sum(level * np.sin(2 * np.pi * hz * t) for hz in tones)
        beat = t % BEAT_S
        if kind in ("b", "drums"):
            sound = sound + 0.3 * rng.standard_normal(len(t)) * np.exp(-beat * 40)
        else:
            sound = sound + 0.02 * rng.standard_normal(len(t)) * np.exp(-beat * 40)
        out.append(sound)
    return np.concatenate(out)[None, :].astype(np.float32)


def _song(*sections: tuple[str, int]) -> tuple[Sound, list[float]]:
    sound = np.concatenate([_bars(kind, bars) for kind, bars in sections], axis=1)
    ends = np.cumsum([bars * BAR_S for _, bars in sections])
    return sound, [float(end) for end in ends[:-1]]


def test_borders_are_found_without_being_told_how_many() -> None:
    for form in (
        (("a", 4), ("b", 8), ("drums", 8), ("b", 8), ("a", 4)),
        (("drums", 6), ("a", 6), ("b", 10)),
        (("a", 8), ("b", 8)),
    ):
        sound, true = _song(*form)
        scores = border_scores(find_borders(sound, RATE), true, BAR_S)
        assert scores.recall == 1.0
        assert scores.precision >= 0.75


def test_level_and_channels_do_not_move_borders() -> None:
    sound, _ = _song(("a", 4), ("b", 8), ("drums", 8))
    found = find_borders(sound, RATE)
    assert found == find_borders(np.tile(sound * np.float32(0.25), (2, 1)), RATE)


def test_a_loop_has_no_sections() -> None:
    sound, _ = _song(("b", 2))
    assert find_borders(np.tile(sound, (1, 12)), RATE) == ()


@pytest.mark.parametrize(
    "sound",
    [np.zeros((2, 30 * RATE), np.float32), np.zeros((1, 100), np.float32), noise(1.0)],
    ids=["silence", "nothing", "a second"],
)
def test_nothing_to_hear_has_no_borders(sound: Sound) -> None:
    assert find_borders(sound, RATE) == ()


def test_steady_noise_earns_no_more_than_a_border_or_two() -> None:
    assert len(find_borders(noise(60.0), RATE)) <= 2


def test_alike_moments_are_alike_and_change_peaks_at_the_border() -> None:
    sound, (border, _) = _song(("a", 8), ("b", 8), ("a", 8))
    beats = describe(sound[0, ::2])
    likeness = self_similarity(beats)
    inside, across = likeness[4:28, 68:92].mean(), likeness[4:28, 36:60].mean()
    assert np.allclose(np.diag(likeness), 1.0)
    assert inside > 0.5 > across
    peak = float(np.argmax(novelty(beats)[:48])) * beats.beat_s
    assert peak == pytest.approx(border, abs=BAR_S)


def test_only_a_new_name_is_a_border() -> None:
    score = compose(full_brief("indie-folk", 3), load_pack("indie-folk"))
    names = ("intro", "verse", "verse", "chorus", "verse")
    sections = tuple(
        Section(name=n, occurrence=1, start=16.0 * i, bars=4, energy=0.5, energy_end=0.5)
        for i, n in enumerate(names)
    )
    renamed = score.model_copy(update={"sections": sections, "tempo_bpm": 60.0})
    assert section_borders(renamed) == (16.0, 48.0, 64.0)
    assert section_borders(compose(sketch_brief("indie-folk"), load_pack("indie-folk"))) == ()


@given(found=times, true=times, tolerance=st.floats(min_value=0, max_value=5))
def test_scores_are_shares_and_swap_with_their_sides(
    found: list[float], true: list[float], tolerance: float
) -> None:
    scores = border_scores(found, true, tolerance)
    turned = border_scores(true, found, tolerance)
    assert 0.0 <= scores.f1 <= 1.0
    assert (scores.precision, scores.recall) == (turned.recall, turned.precision)
    assert scores.precision * len(found) == pytest.approx(scores.recall * len(true))


@given(true=st.lists(st.integers(0, 50), min_size=1, max_size=10, unique=True))
def test_the_truth_scores_fully_and_the_far_off_nothing(true: list[int]) -> None:
    seconds = [10.0 * t for t in true]
    assert border_scores(seconds, seconds, 1.0).f1 == 1.0
    assert border_scores([s + 5.0 for s in seconds], seconds, 1.0).f1 == 0.0


def test_one_border_cannot_be_hit_twice() -> None:
    scores = border_scores([9.5, 10.0, 10.5], [10.0], 1.0)
    assert scores.precision == pytest.approx(1 / 3)
    assert scores.recall == 1.0


def test_guessing_earns_little_and_more_tolerance_more() -> None:
    true = [8.0, 24.0, 40.0, 48.0, 64.0]
    strict = chance_f1(5, true, 0.5, bar_s=2.0, bars=40)
    usual = chance_f1(5, true, 2.0, bar_s=2.0, bars=40)
    # One bar line in 39 is each border's, and each guess finds 5 of them: an eighth.
    assert strict == pytest.approx(5 / 39, abs=0.04)
    assert strict < usual < 0.6
    assert usual == chance_f1(5, true, 2.0, bar_s=2.0, bars=40)
    assert chance_f1(0, true, 2.0, bar_s=2.0, bars=40) == 0.0
