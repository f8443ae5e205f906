"""Art directions and small covers that the picture tests share."""

from __future__ import annotations

from domain.art import (
    ArtDirection,
    Composition,
    DisplayTypeface,
    Style,
    TextTypeface,
)
from media.pictures.cover import Cover, CoverSpec, draw_cover
from media.pictures.scene import Feeling

SIZE_PX = 320

PALETTES = {
    Style.NEON_HORIZON: ("#0b0620", "#2b0b57", "#c2187a", "#ff6b4a", "#ffd27a"),
    Style.PAPER_LANDSCAPE: ("#20302b", "#4f6d5a", "#c9a15a", "#d9653b", "#f3e6cf"),
    Style.NIGHT_WINDOW: ("#141a2e", "#2e3a5f", "#e0a458", "#c46b4d", "#f4e7d3"),
}


def art(
    style: Style = Style.NEON_HORIZON,
    *,
    composition: Composition = Composition.VARIED,
    display: DisplayTypeface = DisplayTypeface.FRAUNCES,
    text: TextTypeface = TextTypeface.INTER,
    palette: tuple[str, ...] | None = None,
) -> ArtDirection:
    return ArtDirection(
        style=style,
        palette=palette or PALETTES[style],
        composition=composition,
        display_typeface=display,
        text_typeface=text,
    )


def spec(
    title: str = "Paper Moons",
    artist: str = "Vesper Lune",
    direction: ArtDirection | None = None,
    mood: Feeling | None = None,
) -> CoverSpec:
    return CoverSpec(title=title, artist=artist, art=direction or art(), mood=mood or Feeling())


def small_cover(cover_spec: CoverSpec | None = None, seed: int = 1) -> Cover:
    return draw_cover(cover_spec or spec(), seed, SIZE_PX)
