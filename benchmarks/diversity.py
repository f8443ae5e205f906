"""Measure how different songs are: `python -m benchmarks diversity [--pack P --songs 20]`.

Inside a pack: how alike the melodies of an artist's songs are as they come, before any is
refused, and how many songs share chords and beat. Over packs: whether a simple classifier tells
the genre of a catalogue's songs (made by `python -m benchmarks catalogue`) by their sound.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt

from benchmarks.catalogue import MADE, SCRATCH, Made, markdown
from benchmarks.voice_songs import titles, words_of
from domain.score import BEATS_PER_BAR, Score, SongBrief
from media.analysis import (
    ANALYSIS_RATE_HZ,
    mono,
    onset_curve,
    spectral_centroid_hz,
    tempos_bpm,
)
from media.compose import compose
from media.encode import decode
from media.files import write_atomically
from media.likeness import DUPLICATE_THRESHOLD, melody_likeness, signature_likeness
from media.loudness import measure
from packs import load_pack, pack_ids

# Favourites of one artist make songs more alike, so songs are measured with them.
ARTIST = 7
PHRASE_BARS = 4
COEFFICIENTS = 13
SHRINKAGE = 0.3
EDGES_HZ = (20.0, 120.0, 300.0, 1000.0, 3000.0, 8000.0, 11_025.0)
Features = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]
Pair = tuple[Score, Score]


def compose_songs(pack_id: str, count: int) -> list[Score]:
    """Songs of one artist as the composer gives them, no two with the same seed.

    There are a dozen lyrics, which return.
    """
    pack = load_pack(pack_id)
    return [
        compose(
            SongBrief(
                title=titles()[seed % len(titles())], pack_id=pack_id, seed=seed,
                lyrics=words_of(seed), signature=ARTIST,
            ),
            pack,
        )
        for seed in range(count)
    ]  # fmt: skip


def progression_of(score: Score) -> tuple[str, ...]:
    """The chords of the first phrase of the chorus, or of the first section."""
    section = next((s for s in score.sections if s.name == "chorus"), score.sections[0])
    end = section.start + min(PHRASE_BARS * BEATS_PER_BAR, section.end - section.start)
    return tuple(c.roman for c in score.chords if section.start <= c.start < end)


def groove_of(score: Score) -> str:
    """The groove that was chosen."""
    return next((c.chosen for c in score.choices if c.name == "groove"), "")


def _share(pairs: Sequence[Pair], alike: Callable[[Score, Score], bool]) -> float:
    return sum(alike(a, b) for a, b in pairs) / max(1, len(pairs))


def pack_row(pack_id: str, count: int) -> tuple[str, ...]:
    """One pack's figures."""
    songs = compose_songs(pack_id, count)
    pairs = list(itertools.combinations(songs, 2))
    likeness = [melody_likeness(a, b) for a, b in pairs]
    manner = [signature_likeness(a, b) for a, b in pairs]
    both = Counter((progression_of(song), groove_of(song)) for song in songs)
    return (
        pack_id,
        f"{max(likeness):.2f}",
        f"{np.percentile(likeness, 95):.2f}",
        f"{sum(value > DUPLICATE_THRESHOLD for value in likeness)}",
        f"{np.mean(manner):.2f}",
        f"{_percent(_share(pairs, lambda a, b: progression_of(a) == progression_of(b)))}",
        f"{_percent(_share(pairs, lambda a, b: groove_of(a) == groove_of(b)))}",
        f"{_percent(_share(pairs, _same_bed))}",
        f"{max(both.values())} of {count}",
    )


def _same_bed(a: Score, b: Score) -> bool:
    return (progression_of(a), groove_of(a)) == (progression_of(b), groove_of(b))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def describe(path: Path) -> Features:
    """A song's sound in some forty numbers."""
    sound, rate = decode(path)
    signal = mono(sound, rate)
    cepstrum = librosa.feature.mfcc(y=signal, sr=ANALYSIS_RATE_HZ, n_mfcc=COEFFICIENTS)
    spectrum = np.abs(librosa.stft(signal, n_fft=2048, hop_length=1024)) ** 2
    bins = np.searchsorted(np.fft.rfftfreq(2048, 1.0 / ANALYSIS_RATE_HZ), EDGES_HZ)
    bands = np.add.reduceat(spectrum, bins[:-1], axis=0).sum(axis=1)
    onsets = onset_curve(signal)
    loudness = measure(sound, rate)
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    return np.concatenate(
        [
            cepstrum.mean(axis=1),
            cepstrum.std(axis=1),
            np.log10(bands / bands.sum() + 1e-6),
            [
                np.log2(next(iter(tempos_bpm(signal)), 120.0)),
                np.log2(spectral_centroid_hz(signal)),
                float(np.mean(onsets > np.std(onsets))),
                float(np.std(onsets) / (np.mean(np.abs(onsets)) + 1e-9)),
                loudness.range_lu,
                np.log10(float(np.abs(sound).max()) / max(rms, 1e-9)),
                float(np.corrcoef(sound[0], sound[-1])[0, 1]),
            ],
        ]
    )


def catalogue(folder: Path) -> tuple[list[Made], Features]:
    """The songs of a catalogue and their features, which are kept beside them."""
    songs, rows = [], []
    for path in sorted(folder.glob(f"*/*/{MADE}")):
        cached = path.with_name("features.npy")
        if not cached.exists():
            np.save(cached, describe(path.with_name("song.mp3")))
        songs.append(Made.model_validate_json(path.read_bytes()))
        rows.append(np.load(cached))
    return songs, np.array(rows)


def classify(songs: Sequence[Made], features: Features) -> str:
    """Tell each song's pack from the songs of all other seeds, and count what is right."""
    packs = np.array([song.pack for song in songs])
    seeds = np.array([song.seed for song in songs])
    told = {}
    for name, shrinkage in (("nearest centroid", 1.0), ("linear discriminant", SHRINKAGE)):
        guesses = packs.copy()
        for seed in set(seeds):
            own = seeds == seed
            guesses[own] = _tell(features[~own], packs[~own], features[own], shrinkage)
        told[name] = guesses
    rows = [
        (pack, *(_told_row(packs, guesses, pack) for guesses in told.values()))
        for pack in sorted(set(packs))
    ]
    rows.append(("all", *(_percent(float(np.mean(g == packs))) for g in told.values())))
    guessing = _percent(1 / len(set(packs)))
    heading = f"Genre told from {len(songs)} songs by sound (guessing earns {guessing})"
    return markdown(heading, ("pack", *told), rows)


def _tell(known: Features, packs: Names, unknown: Features, shrinkage: float) -> Names:
    """The pack whose mean is nearest, by the pooled covariance shrunk towards none."""
    mean, spread = known.mean(axis=0), np.maximum(known.std(axis=0), 1e-9)
    known, unknown = (known - mean) / spread, (unknown - mean) / spread
    names = np.unique(packs)
    centres = np.array([known[packs == name].mean(axis=0) for name in names])
    inside = known - centres[np.searchsorted(names, packs)]
    pooled = inside.T @ inside / len(inside)
    size = len(pooled)
    blend = (1.0 - shrinkage) * pooled + shrinkage * np.eye(size) * np.trace(pooled) / size
    away = unknown[:, None, :] - centres
    distance = np.einsum("sni,ij,snj->sn", away, np.linalg.inv(blend), away)
    return np.asarray(names[distance.argmin(axis=1)])


def _told_row(packs: Names, told: Names, pack: str) -> str:
    own = told[packs == pack]
    wrong = Counter(str(name) for name in own if name != pack)
    note = f" ({', '.join(f'{name} {n}' for name, n in wrong.items())})" if wrong else ""
    return f"{int(np.sum(own == pack))} of {len(own)}{note}"


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", nargs="+", default=list(pack_ids()), choices=pack_ids())
    parser.add_argument("--songs", type=int, default=20, help="songs of each pack to compare")
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="the catalogue's folder")
    parser.add_argument("--markdown", type=Path, help="also write the tables to this file")
    options = parser.parse_args()
    columns = (
        "pack", "closest melodies", "95th percentile", f"pairs above {DUPLICATE_THRESHOLD:g}",
        "mean likeness of manner", "same chords", "same groove", "same both", "largest group",
    )  # fmt: skip
    heading = f"Likeness inside a pack: all pairs of {options.songs} songs"
    text = markdown(heading, columns, [pack_row(p, options.songs) for p in options.pack])
    songs, features = catalogue(options.scratch)
    if len({song.seed for song in songs}) > 1 and len({song.pack for song in songs}) > 1:
        text += "\n\n" + classify(songs, features)
    else:
        print("no catalogue to classify: python -m benchmarks catalogue", file=sys.stderr)
    print(text)
    if options.markdown:
        write_atomically(options.markdown, text.encode() + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
