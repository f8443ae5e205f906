"""What a section's name promises: its place in the voice, its breadth, its part in the drama."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["edge", "verse", "lift", "chorus", "contrast", "thin"]


@dataclass(frozen=True)
class Trait:
    """Shares are of the singer's register, from 0 (lowest) to 1; `breadth` of notes likewise."""

    kind: Kind
    low: float
    high: float
    centre: float
    breadth: float
    arcs: tuple[tuple[int, ...], ...]


_VERSE_ARCS = ((0, 1, 0, -1), (0, 0, 1, 0), (0, 1, 2, 0), (1, 0, 1, -1))
_LIFT_ARCS = ((-1, 0, 1, 2), (0, 1, 1, 2), (0, 1, 2, 3))
_CHORUS_ARCS = ((1, 0, 3, 0), (2, 1, 3, 0), (0, 1, 3, 1), (1, 1, 3, -1))
_OTHER_ARCS = ((1, 0, 1, 0), (2, 1, 0, -1), (0, 2, 1, 0))
_TRAITS: dict[Kind, Trait] = {
    "edge": Trait("edge", 0.0, 0.8, 0.35, 0.6, _OTHER_ARCS),
    "verse": Trait("verse", 0.0, 0.76, 0.32, 0.25, _VERSE_ARCS),
    "lift": Trait("lift", 0.1, 0.86, 0.42, 0.3, _LIFT_ARCS),
    "chorus": Trait("chorus", 0.2, 1.0, 0.56, 0.65, _CHORUS_ARCS),
    "contrast": Trait("contrast", 0.1, 0.95, 0.48, 0.5, _OTHER_ARCS),
    "thin": Trait("thin", 0.0, 0.85, 0.4, 0.7, _OTHER_ARCS),
}
_KINDS: dict[Kind, tuple[str, ...]] = {
    "edge": ("intro", "outro", "coda", "ending"),
    "lift": ("prechorus", "pre-chorus", "pre", "build", "buildup", "build-up", "rise"),
    "chorus": ("chorus", "drop", "refrain", "hook", "climax", "peak"),
    "contrast": ("bridge", "solo", "instrumental", "middle", "middle8"),
    "thin": ("break", "breakdown", "interlude", "pause"),
}


def trait(name: str) -> Trait:
    """The trait of a section by its name; names that promise nothing behave like verses."""
    plain = name.lower().replace(" ", "").replace("_", "-").rstrip("0123456789")
    kind: Kind = next((kind for kind, names in _KINDS.items() if plain in names), "verse")
    return _TRAITS[kind]


def builds(name: str) -> bool:
    """Whether the section exists to roll up to the next one."""
    return trait(name).kind == "lift" and not name.lower().startswith("pre")
