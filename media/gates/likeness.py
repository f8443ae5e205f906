"""Gates against repeating oneself: the recording by fingerprint, the tune by its melody."""

from __future__ import annotations

from collections.abc import Sequence

from domain.genre import GenrePack
from domain.quality import GateResult, not_applicable
from domain.score import Score
from media.analysis import fingerprint_of, similarity
from media.gates.heard import Heard
from media.gates.ranges import judge
from media.likeness import FEWEST_NOTES, melody_likeness, melody_of


def check_originality(heard: Heard, earlier: Sequence[bytes], pack: GenrePack) -> GateResult:
    """Judge whether a recording is new, by the fingerprints of earlier songs."""
    if not earlier:
        return not_applicable("originality", "there is no earlier song to compare with")
    own = fingerprint_of(heard.signal)
    nearest = max(similarity(own, other) for other in earlier)
    return judge(pack, "originality", nearest, "likeness to the nearest earlier recording")


def check_melody_originality(score: Score, earlier: Sequence[Score], pack: GenrePack) -> GateResult:
    """Judge whether a melody is new, whatever its key or speed."""
    gate = "melody_originality"
    if not _sings(score):
        return not_applicable(gate, "the song has no melody")
    others = [other for other in earlier if _sings(other)]
    if not others:
        return not_applicable(gate, "there is no earlier melody to compare with")
    likeness, title = max((melody_likeness(score, other), other.title) for other in others)
    return judge(pack, gate, likeness, f"likeness to the nearest earlier melody ({title!r})")


def _sings(score: Score) -> bool:
    return len(melody_of(score)) >= FEWEST_NOTES
