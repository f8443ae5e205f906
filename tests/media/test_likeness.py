"""Melodies are told apart, and recognised in another key, tempo and hand."""

import time
from itertools import combinations
from random import Random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.likeness import altered, folk_tunes, song
from domain.score import Note, Score
from media.likeness import DUPLICATE_THRESHOLD, melody_likeness, melody_of, signature_likeness
from packs import pack_ids

SEEDS = st.integers(0, 2**32)


def _walk(rng: Random, count: int = 60) -> list[Note]:
    pitch, start, notes = 66, 0.0, []
    for _ in range(count):
        pitch = max(50, min(82, pitch + rng.choice((-3, -2, -2, -1, 0, 1, 2, 2, 3))))
        length = rng.choice((0.5, 0.5, 1.0, 1.5, 2.0))
        notes.append(Note(start=start, duration=length, pitch=pitch, velocity=80))
        start += length
    return notes


@given(SEEDS, st.integers(-12, 12), st.floats(0.5, 2.0))
def test_key_and_tempo_change_nothing(seed: int, semitones: int, stretch: float) -> None:
    tune = _walk(Random(seed))
    moved = [
        n.model_copy(update={"pitch": n.pitch + semitones, "start": n.start * stretch})
        for n in tune
    ]
    assert melody_likeness(tune, moved) == pytest.approx(1.0, abs=1e-6)


@given(SEEDS, SEEDS)
def test_likeness_is_a_share_and_the_same_both_ways(a: int, b: int) -> None:
    first, second = _walk(Random(a), 30), _walk(Random(b), 50)
    value = melody_likeness(first, second)
    assert 0.0 <= value <= 1.0
    assert value == pytest.approx(melody_likeness(second, first), abs=1e-9)


@settings(max_examples=25)
@given(SEEDS)
def test_more_damage_means_less_likeness(seed: int) -> None:
    rng = Random(seed)
    tune = _walk(rng, 80)

    def spoiled(share: float) -> float:
        copy = [
            n.model_copy(update={"pitch": 50 + rng.randrange(33)}) if rng.random() < share else n
            for n in tune
        ]
        return melody_likeness(tune, copy)

    assert spoiled(0.0) > spoiled(0.3) > spoiled(1.0)


def test_tiny_melodies_are_like_nothing() -> None:
    tune = _walk(Random(1), 7)
    assert melody_likeness(tune, tune) == 0.0
    assert melody_likeness([], tune) == 0.0


def test_altered_copies_are_caught_and_strangers_are_not() -> None:
    rng = Random(5)
    tunes = [_walk(rng) for _ in range(40)]
    caught = mean(melody_likeness(t, altered(t, rng)) > DUPLICATE_THRESHOLD for t in tunes)
    flagged = mean(melody_likeness(a, b) > DUPLICATE_THRESHOLD for a, b in combinations(tunes, 2))
    assert caught >= 0.95
    assert flagged <= 0.01


@pytest.mark.slow
def test_threshold_holds_on_an_outside_corpus() -> None:
    rng = Random(1)
    tunes = folk_tunes(120)
    caught = mean(melody_likeness(t, altered(t, rng)) > DUPLICATE_THRESHOLD for t in tunes)
    pairs = list(combinations(tunes, 2))[:4000]
    flagged = mean(melody_likeness(a, b) > DUPLICATE_THRESHOLD for a, b in pairs)
    assert caught >= 0.95
    assert flagged <= 0.01


def _groove_and_chords(score: Score) -> tuple[str, tuple[str, ...]]:
    groove = next((c.chosen for c in score.choices if c.name == "groove"), "")
    name = max(score.sections, key=lambda s: (s.energy, s.start)).name
    chords = [c.roman for c in score.chords if score.section_at(c.start).name == name]
    return groove, tuple(chords[:4])


@pytest.mark.parametrize("pack_id", pack_ids())
def test_twenty_songs_of_a_pack_are_twenty_songs(pack_id: str) -> None:
    songs = [song(pack_id, seed) for seed in range(20)]
    nearest = max(melody_likeness(a, b) for a, b in combinations(songs, 2))
    assert nearest < DUPLICATE_THRESHOLD
    keys = [_groove_and_chords(s) for s in songs]
    assert mean(a == b for a, b in combinations(keys, 2)) <= 0.25


def test_comparing_is_cheap() -> None:
    rng = Random(1)
    tunes = [_walk(rng, 300) for _ in range(6)]
    started = time.process_time()
    for a, b in combinations(tunes, 2):
        melody_likeness(a, b)
    assert (time.process_time() - started) / 15 < 0.05


@pytest.mark.parametrize("pack_id", ["synthwave", "indie-folk"])
def test_songs_of_one_artist_share_a_manner_and_differ(pack_id: str) -> None:
    artists = [[song(pack_id, 100 * a + n, a) for n in range(4)] for a in range(1, 5)]
    same = [signature_likeness(a, b) for songs in artists for a, b in combinations(songs, 2)]
    across = [
        signature_likeness(a, b)
        for one, two in combinations(artists, 2) for a in one for b in two
    ]  # fmt: skip
    assert mean(same) > mean(across) + 0.02
    melodies = [melody_likeness(a, b) for songs in artists for a, b in combinations(songs, 2)]
    assert mean(value > DUPLICATE_THRESHOLD for value in melodies) <= 0.05


def test_song_without_a_singer_is_compared_by_its_hook() -> None:
    score = song("synthwave", 1)
    tracks = tuple(t for t in score.tracks if t.part != "vocal")
    bare = score.model_copy(update={"tracks": tracks, "lyrics": (), "vocal_harmony": ()})
    hook = next(t for t in tracks if t.part == "hook")
    assert melody_of(bare) == hook.notes
    assert melody_likeness(bare, bare) == pytest.approx(1.0)
