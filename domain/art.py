"""Art direction: the typed choices that make an artist's pictures recognisably theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class Style(StrEnum):
    """A way of drawing; every style has several compositions."""

    NEON_HORIZON = "neon_horizon"
    PAPER_LANDSCAPE = "paper_landscape"
    NIGHT_WINDOW = "night_window"


class Composition(StrEnum):
    """Where things stand on a cover; `varied` lets each release choose its own."""

    VARIED = "varied"
    LOW_SUN = "low_sun"
    ECLIPSE = "eclipse"
    DOORWAY = "doorway"
    FAR_PEAKS = "far_peaks"
    FOLDED_LIGHT = "folded_light"
    ORBITS = "orbits"
    HILLS = "hills"
    RIVER = "river"
    CUTOUT = "cutout"
    PINES = "pines"
    BRANCH = "branch"
    LONE_HOUSE = "lone_house"
    ONE_LIT_WINDOW = "one_lit_window"
    SUNBEAM = "sunbeam"
    STILL_LIFE = "still_life"
    NIGHT_TRAIN = "night_train"
    RAIN_LIGHTS = "rain_lights"


COMPOSITIONS: Mapping[Style, tuple[Composition, ...]] = MappingProxyType(
    {
        Style.NEON_HORIZON: (
            Composition.LOW_SUN,
            Composition.ECLIPSE,
            Composition.DOORWAY,
            Composition.FAR_PEAKS,
            Composition.FOLDED_LIGHT,
            Composition.ORBITS,
        ),
        Style.PAPER_LANDSCAPE: (
            Composition.HILLS,
            Composition.RIVER,
            Composition.CUTOUT,
            Composition.PINES,
            Composition.BRANCH,
            Composition.LONE_HOUSE,
        ),
        Style.NIGHT_WINDOW: (
            Composition.ONE_LIT_WINDOW,
            Composition.SUNBEAM,
            Composition.STILL_LIFE,
            Composition.NIGHT_TRAIN,
            Composition.RAIN_LIGHTS,
        ),
    }
)


class Texture(StrEnum):
    """The surface a picture seems to be printed on."""

    CLEAN = "clean"
    FINE_GRAIN = "fine_grain"
    FILM_GRAIN = "film_grain"


class Motif(StrEnum):
    """A thing the artist keeps coming back to; styles draw the ones they know."""

    BIRDS = "birds"
    CITY = "city"
    HOUSE = "house"
    LEAVES = "leaves"
    MOON = "moon"
    MOUNTAINS = "mountains"
    PINES = "pines"
    RAIN = "rain"
    RIVER = "river"
    SEA = "sea"
    STARS = "stars"
    SUN = "sun"
    TABLE = "table"
    TRAIN = "train"
    WINDOW = "window"


class DisplayTypeface(StrEnum):
    """Faces for titles and monograms."""

    ANTON = "anton"
    CORMORANT = "cormorant"
    CORMORANT_ITALIC = "cormorant_italic"
    FRAUNCES = "fraunces"
    FRAUNCES_ITALIC = "fraunces_italic"
    INTER = "inter"
    JETBRAINS_MONO = "jetbrains_mono"
    SPACE_GROTESK = "space_grotesk"
    SYNE = "syne"
    UNBOUNDED = "unbounded"


class TextTypeface(StrEnum):
    """Faces for the artist line."""

    CORMORANT = "cormorant"
    INTER = "inter"
    JETBRAINS_MONO = "jetbrains_mono"
    SPACE_GROTESK = "space_grotesk"


def _six_digit_hex(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(f"{value!r} is not a colour; write it as # and six hexadecimal digits")
    return value.lower()


HexColour = Annotated[str, AfterValidator(_six_digit_hex)]


def relative_luminance(colour: str) -> float:
    """WCAG relative luminance, 0 (black) to 1 (white), of a six-digit hex colour."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


MIN_PALETTE_CONTRAST = 4.5


class ArtDirection(BaseModel):
    """How an artist's pictures look: colours, style, surface, subjects and letters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: Style
    palette: tuple[HexColour, ...] = Field(min_length=3, max_length=7)
    composition: Composition = Composition.VARIED
    texture: Texture = Texture.FINE_GRAIN
    motifs: tuple[Motif, ...] = Field(default=(), max_length=6)
    display_typeface: DisplayTypeface
    text_typeface: TextTypeface

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if len(set(self.palette)) != len(self.palette):
            raise ValueError("palette: a colour is listed twice")
        if len(set(self.motifs)) != len(self.motifs):
            raise ValueError("motifs: a motif is listed twice")
        known = COMPOSITIONS[self.style]
        if self.composition not in (Composition.VARIED, *known):
            names = ", ".join(known)
            raise ValueError(f"composition: {self.style} offers varied, {names}")
        light = sorted(relative_luminance(colour) for colour in self.palette)
        if (light[-1] + 0.05) / (light[0] + 0.05) < MIN_PALETTE_CONTRAST:
            raise ValueError(
                "palette: the lightest and the darkest colour must differ more "
                f"(contrast at least {MIN_PALETTE_CONTRAST:g}), or no title can be read"
            )
        return self
