"""What composers do to an idea: pure functions from motif to motif."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

from media.compose.motif import Motif

_GAP_FOR_ORNAMENT = 1.0


def sequence(motif: Motif, steps: int) -> Motif:
    """The same idea, so many scale steps higher."""
    return replace(motif, degrees=tuple(degree + steps for degree in motif.degrees))


def invert(motif: Motif) -> Motif:
    """Upside down around its first note."""
    first = motif.degrees[0]
    return replace(motif, degrees=tuple(2 * first - degree for degree in motif.degrees))


def reverse(motif: Motif) -> Motif:
    """Its notes from last to first, in the same rhythm."""
    return replace(motif, degrees=motif.degrees[::-1])


def augment(motif: Motif) -> Motif:
    """Twice as slow."""
    return Motif(tuple(onset * 2 for onset in motif.onsets), motif.degrees, motif.beats * 2)


def diminish(motif: Motif) -> Motif:
    """Twice as fast."""
    return Motif(tuple(onset / 2 for onset in motif.onsets), motif.degrees, motif.beats / 2)


def fragment(motif: Motif) -> Motif:
    """Its first half."""
    kept = [i for i, onset in enumerate(motif.onsets) if onset < motif.beats / 2]
    return Motif(
        tuple(motif.onsets[i] for i in kept),
        tuple(motif.degrees[i] for i in kept),
        motif.beats / 2,
    )


def join(*motifs: Motif) -> Motif:
    """One after another."""
    onsets: list[float] = []
    degrees: list[int] = []
    beats = 0.0
    for motif in motifs:
        onsets += [beats + onset for onset in motif.onsets]
        degrees += motif.degrees
        beats += motif.beats
    return Motif(tuple(onsets), tuple(degrees), beats)


def vary(motif: Motif, rng: Random) -> Motif:
    """One note after the first moved by a step; its rhythm stays."""
    if len(motif.degrees) < 2:
        return sequence(motif, rng.choice((1, -1)))
    place = rng.randrange(1, len(motif.degrees))
    degrees = list(motif.degrees)
    degrees[place] += rng.choice((1, -1))
    return replace(motif, degrees=tuple(degrees))


def ornament(motif: Motif, rng: Random) -> Motif:
    """A neighbour note put into one of its longer gaps; every note it had stays."""
    gaps = [i for i, (a, b) in enumerate(pairwise(motif.onsets)) if b - a >= _GAP_FOR_ORNAMENT]
    if not gaps:
        return motif
    at = rng.choice(gaps)
    onset = (motif.onsets[at] + motif.onsets[at + 1]) / 2
    degree = motif.degrees[at + 1] + rng.choice((1, -1))
    return replace(
        motif,
        onsets=(*motif.onsets[: at + 1], onset, *motif.onsets[at + 1 :]),
        degrees=(*motif.degrees[: at + 1], degree, *motif.degrees[at + 1 :]),
    )
