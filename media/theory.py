"""Scales, roman numerals and pitch arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.genre import KEYS, Mode
from domain.score import Score

SCALES: dict[Mode, tuple[int, ...]] = {
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
}
# Order of the modes from dark to bright, mapped to -1..1.
BRIGHTNESS: dict[Mode, float] = {
    "phrygian": -1.0,
    "aeolian": -0.6,
    "dorian": -0.2,
    "mixolydian": 0.3,
    "ionian": 0.7,
    "lydian": 1.0,
}
_NUMERALS = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_ROMAN = re.compile(r"^([b#]?)([ivIV]+)(o?)(maj9|maj7|add9|sus2|sus4|9|7|6)?$")


@dataclass(frozen=True)
class ChordTones:
    """A chord as pitch classes, root first, and the scale degree of its root (0 to 6)."""

    roman: str
    degree: int
    pitch_classes: tuple[int, ...]

    @property
    def root(self) -> int:
        """Pitch class of the root."""
        return self.pitch_classes[0]


def tonic(key: str) -> int:
    """Pitch class of a key name; raises InvalidInput for an unknown name."""
    if key not in KEYS:
        raise InvalidInput(
            f"{key!r} is no key", field="key", remedy=f"use one of {', '.join(KEYS)}"
        )
    return KEYS.index(key)


def scale_pitch_classes(key: str, mode: Mode) -> tuple[int, ...]:
    """The seven pitch classes of a key, tonic first."""
    root = tonic(key)
    return tuple((root + step) % 12 for step in SCALES[mode])


def shifted(pitch_classes: tuple[int, ...], semitones: int) -> tuple[int, ...]:
    """Pitch classes in another key, order kept."""
    return tuple((pc + semitones) % 12 for pc in pitch_classes)


def scale_at(score: Score, beat: float) -> tuple[int, ...]:
    """The scale of the key that a beat is in, tonic first: sections may stand in another key."""
    home = scale_pitch_classes(score.key, score.mode)
    return shifted(home, score.section_at(beat).transpose)


def is_minor(mode: Mode) -> bool:
    """True when the mode's third is minor."""
    return SCALES[mode][2] == 3


def parse_roman(roman: str, key: str, mode: Mode) -> ChordTones:
    """Read a numeral such as "VI", "iv", "bVII", "ii7" or "Imaj9" in a key.

    Degrees are those of the mode (VI in aeolian is the flat sixth); upper case means a major
    third, lower case a minor one, "o" a diminished fifth.
    """
    match = _ROMAN.match(roman)
    if match is None or match[2].lower() not in _NUMERALS:
        raise InvalidInput(
            f"{roman!r} is no chord numeral",
            field="progressions",
            remedy="write for example i, VI, bVII, ii7, Imaj9 or Vsus4",
        )
    accidental, numeral, diminished, suffix = match[1], match[2], match[3], match[4] or ""
    degree = _NUMERALS[numeral.lower()]
    shift = {"": 0, "b": -1, "#": 1}[accidental]
    root = (tonic(key) + SCALES[mode][degree] + shift) % 12
    third = 4 if numeral.isupper() else 3
    scale = set(scale_pitch_classes(key, mode))
    fifth = 6 if diminished or _fifth_is_diminished(root, third, scale) else 7
    steps = _steps(third, fifth, suffix, root, scale)
    return ChordTones(roman, degree, tuple((root + step) % 12 for step in steps))


def _fifth_is_diminished(root: int, third: int, scale: set[int]) -> bool:
    inside = root in scale and (root + third) % 12 in scale
    return inside and (root + 7) % 12 not in scale and (root + 6) % 12 in scale


def _steps(third: int, fifth: int, suffix: str, root: int, scale: set[int]) -> tuple[int, ...]:
    seventh = 11 if (root + 11) % 12 in scale and (root + 10) % 12 not in scale else 10
    table = {
        "": (0, third, fifth),
        "6": (0, third, fifth, 9),
        "7": (0, third, fifth, seventh),
        "9": (0, third, fifth, seventh, 14),
        "maj7": (0, third, fifth, 11),
        "maj9": (0, third, fifth, 11, 14),
        "add9": (0, third, fifth, 14),
        "sus2": (0, 2, fifth),
        "sus4": (0, 5, fifth),
    }
    return table[suffix]


def melody_pitch_classes(chord: ChordTones, scale: tuple[int, ...]) -> frozenset[int]:
    """The scale to sing over a chord: tones that a borrowed chord tone replaces are left out."""
    borrowed = [pc for pc in chord.pitch_classes if pc not in scale]
    clashing = {(pc + step) % 12 for pc in borrowed for step in (-1, 1)}
    kept = {pc for pc in scale if pc not in clashing or pc in chord.pitch_classes}
    return frozenset(kept | set(chord.pitch_classes))


def pitches_in(pitch_classes: frozenset[int] | tuple[int, ...], low: int, high: int) -> list[int]:
    """All MIDI pitches of the given classes from low to high."""
    wanted = set(pitch_classes)
    return [pitch for pitch in range(low, high + 1) if pitch % 12 in wanted]


def nearest(pitch_class: int, around: int, low: int, high: int) -> int:
    """The pitch of a class nearest to `around` inside a range at least an octave wide."""
    options = pitches_in((pitch_class,), low, high)
    if not options:
        raise InvalidInput(
            f"no pitch of class {pitch_class} between {low} and {high}",
            field="range",
            remedy="give the instrument a range of at least an octave",
        )
    return min(options, key=lambda pitch: (abs(pitch - around), pitch))


def hertz(pitch: float) -> float:
    """Frequency of a MIDI pitch in equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))
