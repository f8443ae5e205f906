"""How pitches, keys and chords are spelled on paper."""

from __future__ import annotations

from dataclasses import dataclass

from domain.genre import Mode
from domain.score import Chord
from media.theory import tonic

# Letters along the line of fifths; position 0 is C, -1 is F.
_LETTERS = "FCGDAEB"
_SCALE_LETTERS = "CDEFGAB"
_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# Semitones from the tonic of a mode down to the ionian tonic with the same signature.
_BELOW: dict[Mode, int] = {
    "ionian": 0, "dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7, "aeolian": 9
}  # fmt: skip
_FLATTEST, _SHARPEST = -3, 8
_KINDS: dict[tuple[int, ...], str] = {
    (0, 4, 7): "major",
    (0, 3, 7): "minor",
    (0, 3, 6): "diminished",
    (0, 4, 8): "augmented",
    (0, 2, 7): "suspended-second",
    (0, 5, 7): "suspended-fourth",
    (0, 4, 7, 9): "major-sixth",
    (0, 3, 7, 9): "minor-sixth",
    (0, 4, 7, 11): "major-seventh",
    (0, 3, 7, 10): "minor-seventh",
    (0, 4, 7, 10): "dominant",
    (0, 3, 6, 10): "half-diminished",
    (0, 3, 7, 11): "major-minor",
    (0, 2, 4, 7, 11): "major-ninth",
    (0, 2, 3, 7, 10): "minor-ninth",
    (0, 2, 4, 7, 10): "dominant-ninth",
}
_ADDED_NINTH = {(0, 2, 4, 7): "major", (0, 2, 3, 7): "minor"}


@dataclass(frozen=True)
class Spelled:
    """A pitch class as letter and accidental, in semitones."""

    step: str
    alter: int


@dataclass(frozen=True)
class ChordSymbol:
    """A chord as MusicXML names it."""

    root: Spelled
    kind: str
    added_ninth: bool = False


def fifths(key: str, mode: Mode, transpose: int = 0) -> int:
    """The key signature: sharps above zero, flats below."""
    parent = (tonic(key) + transpose - _BELOW[mode]) % 12
    sharps = parent * 7 % 12
    return sharps if sharps <= 6 else sharps - 12


def spell(pitch_class: int, signature: int) -> Spelled:
    """Spell near the key: raised rather than lowered where a key has no such tone."""
    place = pitch_class * 7 % 12
    while place < signature + _FLATTEST:
        place += 12
    while place > signature + _SHARPEST:
        place -= 12
    if (place + 1) // 7 > 1:
        place -= 12
    return Spelled(_LETTERS[(place + 1) % 7], (place + 1) // 7)


def octave(pitch: int, spelled: Spelled) -> int:
    """The octave number of a MIDI pitch under a spelling (C4 is 60)."""
    return (pitch - spelled.alter) // 12 - 1


def chord_symbol(chord: Chord, key: str, transpose: int, signature: int) -> ChordSymbol:
    """Name a chord; its root keeps the letter of its degree, so bVI of C is Ab and not G#."""
    root_class = chord.pitch_classes[0]
    home = spell((tonic(key) + transpose) % 12, signature)
    letter = _SCALE_LETTERS[(_SCALE_LETTERS.index(home.step) + chord.degree) % 7]
    alter = (root_class - _NATURAL[letter] + 6) % 12 - 6
    root = Spelled(letter, alter) if abs(alter) <= 1 else spell(root_class, signature)
    tones = tuple(sorted({(pc - root_class) % 12 for pc in chord.pitch_classes}))
    if tones in _ADDED_NINTH:
        return ChordSymbol(root, _ADDED_NINTH[tones], added_ninth=True)
    return ChordSymbol(root, _KINDS.get(tones, "other"))
