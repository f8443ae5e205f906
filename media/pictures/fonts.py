"""The typefaces: where their files are, how each is set, and which one stands in for another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

import uharfbuzz as hb

from domain.art import DisplayTypeface, TextTypeface
from domain.errors import InvalidInput, PartMissing


@dataclass(frozen=True)
class Face:
    """A font family at fixed design axes, with the manners it is set in."""

    family: str
    axes: tuple[tuple[str, float], ...] = ()
    slope: Literal["normal", "italic"] = "normal"
    upper: bool = False
    tracking: float = 0.0
    leading: float = 1.0


DISPLAY: Mapping[DisplayTypeface, Face] = MappingProxyType(
    {
        DisplayTypeface.ANTON: Face("Anton", upper=True, tracking=0.004, leading=1.06),
        DisplayTypeface.CORMORANT: Face(
            "Cormorant Garamond", (("wght", 560.0),), tracking=-0.016, leading=0.86
        ),
        DisplayTypeface.CORMORANT_ITALIC: Face(
            "Cormorant Garamond", (("wght", 540.0),), "italic", tracking=-0.014, leading=0.86
        ),
        DisplayTypeface.FRAUNCES: Face(
            "Fraunces",
            (("opsz", 144.0), ("wght", 480.0), ("SOFT", 60.0), ("WONK", 1.0)),
            tracking=-0.022,
            leading=0.94,
        ),
        DisplayTypeface.FRAUNCES_ITALIC: Face(
            "Fraunces",
            (("opsz", 144.0), ("wght", 420.0), ("SOFT", 80.0), ("WONK", 1.0)),
            "italic",
            tracking=-0.018,
            leading=0.94,
        ),
        DisplayTypeface.INTER: Face(
            "Inter", (("opsz", 32.0), ("wght", 680.0)), tracking=-0.032, leading=1.0
        ),
        DisplayTypeface.JETBRAINS_MONO: Face(
            "JetBrains Mono", (("wght", 520.0),), tracking=-0.03, leading=1.12
        ),
        DisplayTypeface.SPACE_GROTESK: Face(
            "Space Grotesk", (("wght", 560.0),), tracking=-0.034, leading=0.98
        ),
        DisplayTypeface.SYNE: Face("Syne", (("wght", 760.0),), tracking=-0.024, leading=1.02),
        DisplayTypeface.UNBOUNDED: Face(
            "Unbounded", (("wght", 420.0),), upper=True, tracking=0.0, leading=1.14
        ),
    }
)

TEXT: Mapping[TextTypeface, Face] = MappingProxyType(
    {
        TextTypeface.CORMORANT: Face(
            "Cormorant Garamond", (("wght", 700.0),), upper=True, tracking=0.2, leading=1.5
        ),
        TextTypeface.INTER: Face(
            "Inter", (("opsz", 14.0), ("wght", 560.0)), upper=True, tracking=0.22, leading=1.5
        ),
        TextTypeface.JETBRAINS_MONO: Face(
            "JetBrains Mono", (("wght", 520.0),), upper=True, tracking=0.14, leading=1.5
        ),
        TextTypeface.SPACE_GROTESK: Face(
            "Space Grotesk", (("wght", 560.0),), upper=True, tracking=0.2, leading=1.5
        ),
    }
)

# Tried in this order when a face lacks a letter; Inter covers Latin, Greek and Cyrillic.
STAND_INS = (
    DISPLAY[DisplayTypeface.CORMORANT],
    DISPLAY[DisplayTypeface.UNBOUNDED],
    DISPLAY[DisplayTypeface.INTER],
)
CONDENSED = DISPLAY[DisplayTypeface.ANTON]


def _font_file(family: str, slope: str) -> bytes:
    """Read the family's font out of its `fontpkg-*` distribution."""
    package = "fontpkg_" + family.lower().replace(" ", "_")
    try:
        files = [f for f in (resources.files(package) / "files").iterdir() if f.is_file()]
    except (ModuleNotFoundError, FileNotFoundError):
        files = []
    for file in sorted(files, key=lambda f: f.name):
        if ("Italic" in file.name) == (slope == "italic"):
            return file.read_bytes()
    raise PartMissing(
        f"the font {family} ({slope}) is not installed",
        remedy="install Greenroom's locked dependencies again",
    )


@lru_cache(maxsize=32)
def harfbuzz_font(family: str, slope: str, axes: tuple[tuple[str, float], ...]) -> hb.Font:
    """Load a family's file once and set its axes; scale is the face's own units."""
    data = _font_file(family, slope)
    font = hb.Font(hb.Face(hb.Blob(data)))
    if axes:
        font.set_variations(dict(axes))
    return font


def font_of(face: Face) -> hb.Font:
    """Return the HarfBuzz font of a face."""
    return harfbuzz_font(face.family, face.slope, face.axes)


@lru_cache(maxsize=32)
def _letters(family: str, slope: str) -> frozenset[int]:
    return frozenset(harfbuzz_font(family, slope, ()).face.unicodes)


def missing_letters(text: str, face: Face) -> str:
    """The characters of `text` that the face cannot draw, as it would set them."""
    known = _letters(face.family, face.slope)
    shown = text.upper() if face.upper else text
    return "".join(sorted({c for c in shown if not c.isspace() and ord(c) not in known}))


def face_for(text: str, wanted: Face, *, field: str) -> Face:
    """Return `wanted` or the first stand-in that has every letter of `text`."""
    serif = wanted.family in ("Cormorant Garamond", "Fraunces")
    order = STAND_INS if serif else STAND_INS[::-1]
    for face in (wanted, *order):
        if not missing_letters(text, face):
            return face
    missing = missing_letters(text, STAND_INS[-1])
    raise InvalidInput(
        f"{field} has letters that no installed font can draw: {missing}",
        field=field,
        remedy="write it in Latin, Greek or Cyrillic letters",
    )
