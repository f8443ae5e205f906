"""Diversity: what counts as the same bed, and a classifier that tells genres and not noise."""

from __future__ import annotations

import numpy as np

from benchmarks.diversity import classify, compose_songs, groove_of, progression_of
from media.compose import compose
from packs import load_pack
from tests.benchmarks.test_catalogue import _song
from tests.media.songs import full_brief

PACKS = ("house", "trap", "lofi", "ambient")


def _accuracy(spread: float) -> int:
    """Percent told right by the discriminant; packs lie one unit apart in two of ten numbers."""
    rng = np.random.default_rng(3)
    songs = [_song(pack, seed) for pack in PACKS for seed in range(1, 13)]
    features = spread * rng.standard_normal((len(songs), 10))
    for row, song in zip(features, songs, strict=True):
        row[:2] += divmod(PACKS.index(song.pack), 2)
    last = classify(songs, features).splitlines()[-1]
    return int(last.split("|")[-2].strip().removesuffix(" %"))


def test_genres_that_differ_are_told_and_equal_ones_are_not() -> None:
    assert _accuracy(0.1) >= 95
    assert _accuracy(50.0) < 50


def test_the_bed_of_a_song_is_its_chorus_chords_and_groove() -> None:
    score = compose(full_brief("house", 3), load_pack("house"))
    chorus = next(s for s in score.sections if s.name == "chorus")
    bed = progression_of(score)
    assert bed
    assert bed[0] == score.chord_at(chorus.start).roman
    assert groove_of(score) in {groove.id for groove in load_pack("house").grooves}


def test_songs_are_those_of_one_artist() -> None:
    songs = compose_songs("lofi", 2)
    reasons = [choice.reason for song in songs for choice in song.choices]
    assert any("signature" in reason for reason in reasons)
    assert songs[0].seed != songs[1].seed
