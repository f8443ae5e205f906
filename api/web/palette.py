"""Page colours out of an artist's palette, each moved until it can be read (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from coloraide import Color
from pydantic import BaseModel, ConfigDict, Field

from domain.art import relative_luminance

TEXT_CONTRAST = 9.0
MUTED_CONTRAST = 5.0
ACCENT_CONTRAST = 4.6
GROUND_LUMINANCE_MAX = 0.016
_STEPS = 40
_WHITE, _BLACK = "#ffffff", "#000000"


class Theme(BaseModel):
    """The colours of one artist's page; every pair that meets has enough contrast."""

    model_config = ConfigDict(frozen=True)

    ground: str = Field(description="Behind everything; dark.")
    raised: str = Field(description="Cards and fields on the ground.")
    line: str = Field(description="Hairlines.")
    text: str = Field(description="Reading text on ground and raised.")
    muted: str = Field(description="Secondary text on ground and raised.")
    accent: str = Field(description="Links, the player, the focus ring.")
    on_accent: str = Field(description="Text on the accent.")
    swatches: tuple[str, ...] = Field(description="The palette as it is, for gradients.")


def contrast(a: str, b: str) -> float:
    """WCAG contrast ratio of two hex colours, 1 to 21."""
    light, dark = sorted((relative_luminance(a), relative_luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def theme_of(palette: Iterable[str]) -> Theme:
    """Derive the page's colours; total for every palette of the domain."""
    return _theme(tuple(palette))


# A colour is moved in up to forty steps, some ten milliseconds for a theme.
@lru_cache(maxsize=2048)
def _theme(palette: tuple[str, ...]) -> Theme:
    colours = sorted(palette, key=relative_luminance)
    ground = _until(colours[0], _BLACK, lambda c: relative_luminance(c) <= GROUND_LUMINANCE_MAX)
    raised = _mix(ground, colours[-1], 0.07)
    accent = _readable(max(colours, key=_chroma), raised, ACCENT_CONTRAST)
    return Theme(
        ground=ground,
        raised=raised,
        line=_mix(ground, colours[-1], 0.2),
        text=_readable(_mix(colours[-1], _WHITE, 0.55), raised, TEXT_CONTRAST),
        muted=_readable(_mix(colours[-1], ground, 0.4), raised, MUTED_CONTRAST),
        accent=accent,
        on_accent=max((_BLACK, _WHITE), key=lambda c: contrast(c, accent)),
        swatches=tuple(colours),
    )


def css(theme: Theme, selector: str) -> str:
    """The theme as custom properties of `selector`."""
    swatches = [theme.swatches[min(i, len(theme.swatches) - 1)] for i in range(5)]
    values = {
        "ground": theme.ground,
        "raised": theme.raised,
        "line": theme.line,
        "text": theme.text,
        "muted": theme.muted,
        "accent": theme.accent,
        "on-accent": theme.on_accent,
    } | {f"swatch-{i + 1}": colour for i, colour in enumerate(swatches)}
    return selector + "{" + ";".join(f"--{name}:{value}" for name, value in values.items()) + "}"


def _readable(colour: str, ground: str, wanted: float) -> str:
    return _until(colour, _WHITE, lambda c: contrast(c, ground) >= wanted)


def _until(colour: str, towards: str, good: Callable[[str], bool]) -> str:
    for step in range(_STEPS + 1):
        mixed = _mix(colour, towards, step / _STEPS)
        if good(mixed):
            return mixed
    return towards


def _mix(a: str, b: str, share: float) -> str:
    return str(Color(a).mix(b, share, space="oklab").convert("srgb").fit().to_string(hex=True))


def _chroma(colour: str) -> float:
    return float(Color(colour).convert("oklch")["chroma"])
