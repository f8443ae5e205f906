"""Calibrate melody likeness: `python -m benchmarks.likeness [PACK ...] [--songs N] [--tunes N]`.

Prints how many altered copies the threshold catches, how many pairs of outside tunes it flags
(German folk songs of the Essen collection, from music21's corpus), how near the songs of one pack
come to each other, and whether songs of one artist share more of a manner than songs of two.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from statistics import mean

from domain.score import LyricSection, Note, Score, SongBrief
from media.compose import compose
from media.likeness import DUPLICATE_THRESHOLD, melody_likeness, melody_of, signature_likeness
from packs import load_pack, pack_ids

LINES = (
    "I left my coat beside the water",
    "The gravel sang beneath my feet",
    "I wrote a letter to my daughter",
    "And folded it in Sunday's sheet",
)
CORPUS = "essenFolksong/altdeu10"
MOST_PAIRS = 2000
ARTISTS, SONGS_EACH = 5, 5
Melody = Score | Sequence[Note]
ONSET_JITTER_BEATS, NOTES_MOVED, NOTES_LOST = 0.04, 0.1, 0.05


@dataclass(frozen=True)
class Likenesses:
    """Values of one kind of pair."""

    name: str
    values: Sequence[float]

    @property
    def flagged(self) -> float:
        """Share above the threshold."""
        return mean(value > DUPLICATE_THRESHOLD for value in self.values)

    def row(self) -> str:
        """One line of the table."""
        ordered = sorted(self.values)
        low, middle, high = (ordered[int(q * (len(ordered) - 1))] for q in (0.05, 0.5, 0.95))
        return (
            f"{self.name:34}{len(ordered):7d}{low:8.2f}{middle:8.2f}{high:8.2f}"
            f"{ordered[-1]:8.2f}{self.flagged:10.1%}"
        )


HEADER = f"{'pairs':34}{'count':>7}{'5 %':>8}{'median':>8}{'95 %':>8}{'max':>8}{'flagged':>10}"


def altered(notes: Sequence[Note], rng: Random) -> list[Note]:
    """A copy in another key and tempo, played unevenly, with wrong and lost notes."""
    semitones, stretch = rng.randint(-11, 11), rng.uniform(0.8, 1.25)
    copy = []
    for n in notes:
        if rng.random() < NOTES_LOST:
            continue
        wrong = rng.choice((-2, -1, 1, 2)) if rng.random() < NOTES_MOVED else 0
        start = 0.5 + stretch * n.start + rng.gauss(0, ONSET_JITTER_BEATS)
        pitch = max(0, min(127, n.pitch + semitones + wrong))
        copy.append(n.model_copy(update={"start": max(0.0, start), "pitch": pitch}))
    return copy


def folk_tunes(count: int) -> list[list[Note]]:
    """Tunes from outside the house."""
    # music21 takes a second to load and is no part of the product.
    from music21 import corpus  # noqa: PLC0415

    tunes = []
    for score in list(corpus.parse(CORPUS).scores)[:count]:
        notes = [n for n in score.flatten().notes if n.isNote and n.quarterLength > 0]
        tunes.append(
            [
                Note(
                    start=float(n.offset), duration=float(n.quarterLength),
                    pitch=int(n.pitch.midi), velocity=80,
                )
                for n in notes
            ]
        )  # fmt: skip
    return [tune for tune in tunes if len(tune) >= 8]


def song(pack_id: str, seed: int, signature: int | None = None) -> Score:
    """One full song; all songs have the same words, which makes them as alike as they get."""
    lyrics = tuple(LyricSection(section=name, lines=LINES) for name in ("verse", "chorus"))
    brief = SongBrief(
        title=f"Song {seed}", pack_id=pack_id, seed=seed, lyrics=lyrics, signature=signature
    )
    return compose(brief, load_pack(pack_id))


def outside(tunes: Sequence[Sequence[Note]], rng: Random) -> list[Likenesses]:
    """How the threshold treats tunes that nobody here wrote."""
    pairs = list(combinations(tunes, 2))
    rng.shuffle(pairs)
    return [
        Likenesses("folk tunes, altered copies", [_copied(tune, rng) for tune in tunes]),
        Likenesses("folk tunes among themselves", _compared(pairs[:MOST_PAIRS])),
    ]


def _copied(notes: Sequence[Note], rng: Random) -> float:
    return melody_likeness(notes, altered(notes, rng))


def _compared(pairs: Sequence[tuple[Melody, Melody]]) -> list[float]:
    return [melody_likeness(a, b) for a, b in pairs]


def inside(
    pack_id: str, count: int, tunes: Sequence[Sequence[Note]], rng: Random
) -> list[Likenesses]:
    """How the songs of one pack relate: to copies, to each other, and to outside tunes."""
    songs = [song(pack_id, seed) for seed in range(count)]
    rows = [
        Likenesses(f"{pack_id}, altered copies", [_copied(melody_of(s), rng) for s in songs]),
        Likenesses(f"{pack_id} among themselves", _compared(list(combinations(songs, 2)))),
    ]
    if tunes:
        drawn = [(s, rng.choice(tunes)) for s in songs for _ in range(10)]
        rows.append(
            Likenesses(f"{pack_id} and folk tunes", [melody_likeness(a, b) for a, b in drawn])
        )
    return rows


def manner(pack_id: str) -> str:
    """Mean signature likeness inside and across artists of one pack."""
    artists = [
        [song(pack_id, 100 * artist + n, artist) for n in range(SONGS_EACH)]
        for artist in range(1, ARTISTS + 1)
    ]
    same = [signature_likeness(a, b) for songs in artists for a, b in combinations(songs, 2)]
    other = [
        signature_likeness(a, b)
        for one, two in combinations(artists, 2) for a in one for b in two
    ]  # fmt: skip
    wins = mean(x > y for x in same for y in other)
    return f"{pack_id:34}{mean(same):10.2f}{mean(other):10.2f}{wins:10.0%}"


def main() -> int:
    """Print the tables; 1 when the threshold misses what it promises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="*", default=pack_ids(), help="packs to measure")
    parser.add_argument("--songs", type=int, default=20, help="songs per pack")
    parser.add_argument("--tunes", type=int, default=200, help="outside tunes; 0 for none")
    options = parser.parse_args()
    rng = Random(1)
    tunes = folk_tunes(options.tunes) if options.tunes else []
    started = time.process_time()
    rows = outside(tunes, rng) if tunes else []
    for pack_id in options.pack:
        rows += inside(pack_id, options.songs, tunes, rng)
    pairs = sum(len(row.values) for row in rows)
    each_ms = (time.process_time() - started) / pairs * 1000
    print(f"threshold {DUPLICATE_THRESHOLD:g}; {each_ms:.1f} ms a pair, composing included")
    print(HEADER)
    print("\n".join(row.row() for row in rows))
    print(f"\n{'signature likeness':34}{'one artist':>10}{'two':>10}{'told':>10}")
    print("\n".join(manner(pack_id) for pack_id in options.pack))
    copies = [value for row in rows if "copies" in row.name for value in row.values]
    others = [value for row in rows if "copies" not in row.name for value in row.values]
    caught = Likenesses("", copies).flagged
    wrong = Likenesses("", others).flagged
    print(f"\ncaught {caught:.1%} of copies (wanted at least 95 %)")
    print(f"flagged {wrong:.2%} of other pairs (wanted at most 1 %)")
    return 0 if caught >= 0.95 and wrong <= 0.01 else 1


if __name__ == "__main__":
    sys.exit(main())
