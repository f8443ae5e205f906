"""An artist's mark (initials as an emblem) and the wide header of their page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from domain.art import ArtDirection, Composition, Style
from domain.errors import InvalidInput
from media.pictures.canvas import Canvas, table_ink
from media.pictures.colour import Array, Palette, cast_palette, mix, ramp, shade
from media.pictures.cover import draw_plate
from media.pictures.encode import resize
from media.pictures.fields import clip, decay, disc, downwards, glow, soft_step, under
from media.pictures.finish import Image, bloom, develop, vignette
from media.pictures.fonts import DISPLAY, Face, face_for
from media.pictures.lettering import draw_line, shape_line
from media.pictures.light import ripples
from media.pictures.noise import curve
from media.pictures.paper import PaperStack
from media.pictures.scene import Feeling

WIDE: Mapping[Style, tuple[Composition, ...]] = MappingProxyType(
    {
        Style.NEON_HORIZON: (
            Composition.LOW_SUN,
            Composition.FAR_PEAKS,
            Composition.FOLDED_LIGHT,
        ),
        Style.PAPER_LANDSCAPE: (Composition.HILLS, Composition.PINES, Composition.LONE_HOUSE),
        Style.NIGHT_WINDOW: (
            Composition.ONE_LIT_WINDOW,
            Composition.STILL_LIFE,
            Composition.RAIN_LIGHTS,
        ),
    }
)
"""Compositions that still make sense when only a wide strip of them is seen."""

_MINOR_WORDS = frozenset({"THE", "A", "AN", "AND", "OF", "DE", "LA", "LE", "DER", "DIE", "DAS"})


def initials(stage_name: str) -> str:
    """One or two letters that stand for a name."""
    words = ["".join(c for c in word if c.isalnum()) for word in stage_name.split()]
    words = [word for word in words if word]
    major = [word for word in words if word.upper() not in _MINOR_WORDS] or words
    if not major:
        raise InvalidInput(
            "the stage name has no letter to make a mark of",
            field="stage_name",
            remedy="use at least one letter or digit",
        )
    return "".join(word[0].upper() for word in major[:2])


def draw_mark(stage_name: str, art: ArtDirection, seed: int, size_px: int = 1000) -> Image:
    """Draw the artist's emblem: their initials in their face, made of their style's stuff."""
    palette = cast_palette(art.palette)
    canvas = Canvas(size_px, palette.night)
    rng = np.random.default_rng([seed, *b"mark"])
    face = face_for(initials(stage_name), DISPLAY[art.display_typeface], field="stage_name")
    maker = {
        Style.NEON_HORIZON: _risen,
        Style.PAPER_LANDSCAPE: _cut,
        Style.NIGHT_WINDOW: _lit,
    }[art.style]
    maker(canvas, palette, rng, initials(stage_name), face)
    return develop(canvas, art.texture, seed)


def _letters(
    canvas: Canvas, text: str, face: Face, centre: tuple[float, float], room: float
) -> Array:
    """Coverage of the initials, their ink centred and fitted into a square of side `room`."""
    line = shape_line(text, face, tracking=min(face.tracking, 0.0))
    em = min(room / line.width, room * 0.86 / (line.bottom - line.top))
    n = canvas.size_px
    x = (centre[0] - em * (line.left + line.right) / 2) * n
    y = (centre[1] - em * (line.top + line.bottom) / 2) * n
    cover, x0, y0 = draw_line(line, em * n, x, y)
    plane = np.zeros((n, n), np.float32)
    top, left = max(0, y0), max(0, x0)
    bottom, right = min(n, y0 + cover.shape[0]), min(n, x0 + cover.shape[1])
    plane[top:bottom, left:right] = cover[top - y0 : bottom - y0, left - x0 : right - x0]
    return plane


def _risen(canvas: Canvas, p: Palette, rng: np.random.Generator, text: str, face: Face) -> None:
    """Initials standing before a sun that sinks into water."""
    horizon, radius = 0.72, 0.34
    sky = ramp((p.night, p.deep, mix(p.deep, p.key, 0.7), p.key))
    halo = glow(0.5, 0.5, 0.42)
    canvas.paint(1.0, table_ink(lambda x, y: 0.05 + 0.25 * y + 0.75 * halo(x, y), sky))
    sun = ramp((mix(p.glow, p.paper, 0.5), p.glow, mix(p.glow, p.accent, 0.6), p.key))
    body = disc(0.5, 0.47, radius)
    canvas.paint(
        canvas.shape(body),
        table_ink(downwards(0.47 - radius, 2 * radius), sun),
    )
    canvas.paint(_letters(canvas, text, face, (0.5, 0.47), 0.42), shade(p.night, 0.12))
    wave = ripples(int(rng.integers(2**31)), horizon)
    water = ramp((mix(p.deep, p.key, 0.5), p.deep, shade(p.night, 0.12)))
    canvas.paint(
        canvas.shape(under(horizon)),
        table_ink(lambda x, y: (y - horizon) * 3 + 0.3 * (wave(x, y) - 0.5), water),
        top=horizon - 0.01,
    )

    def road(x: Array, y: Array) -> Array:
        depth = np.maximum(y - horizon, 0)
        off = np.abs(x - 0.5) / (0.26 + 0.3 * depth)
        glint = soft_step(0.0, 0.16, wave(x, y) - 0.4 - 0.2 * off)
        return glint * decay(off**2, 1.0) * (y > horizon)

    canvas.paint(road, p.glow, opacity=0.85, top=horizon)
    bloom(canvas, threshold=0.62, reach=0.016, strength=0.4)
    vignette(canvas, 0.3)


def _cut(canvas: Canvas, p: Palette, rng: np.random.Generator, text: str, face: Face) -> None:
    """Initials cut from paper, standing between two hills under a paper disc."""
    stack = PaperStack(canvas, int(rng.integers(2**31)), float(rng.choice((-1.0, 1.0))))
    stack.ground(ramp((mix(p.paper, p.accent, 0.25), mix(p.paper, p.glow, 0.5))), p.paper)
    stack.sheet(disc(0.5, 0.45, 0.36), mix(p.key, p.paper, 0.35), lift=0.7)
    stack.sheet(disc(0.5, 0.45, 0.29), p.key, lift=0.7)

    def hill(base: float, tilt: float) -> Callable[[Array, Array], Array]:
        line = curve(int(rng.integers(2**31)), 1.4, 2, 0.3)
        return lambda x, y: y - base + 0.045 * line(x) - tilt * (x - 0.5)

    tilt = float(rng.uniform(-0.12, 0.12))
    stack.sheet(hill(0.66, tilt), mix(p.deep, p.accent, 0.55), lift=0.9)
    stack.piece(_letters(canvas, text, face, (0.5, 0.47), 0.46), p.paper, lift=1.1)
    stack.sheet(hill(0.74, -tilt), p.deep, lift=1.2)
    stack.sheet(hill(0.87, tilt * 0.5), p.night, lift=1.4)


def _lit(canvas: Canvas, p: Palette, rng: np.random.Generator, text: str, face: Face) -> None:
    """Initials in a lit round window."""
    wall = ramp((shade(p.deep, 0.14), shade(p.deep, 0.24), mix(p.deep, p.key, 0.35)))
    halo = glow(0.5, 0.5, 0.34)
    canvas.paint(1.0, table_ink(lambda x, y: 0.05 + 1.1 * halo(x, y), wall))
    rim, pane = disc(0.5, 0.5, 0.355), disc(0.5, 0.5, 0.33)
    canvas.paint(canvas.shape(rim), shade(p.night, 0.12))
    lamp = glow(float(rng.uniform(0.36, 0.64)), 0.62, 0.34)
    table = ramp((mix(p.key, p.deep, 0.2), p.key, p.glow, mix(p.glow, p.paper, 0.6)))
    canvas.paint(canvas.shape(pane), table_ink(lambda x, y: 0.12 + 0.9 * lamp(x, y), table))
    canvas.paint(_letters(canvas, text, face, (0.5, 0.5), 0.4), shade(p.night, 0.13))
    canvas.paint(
        lambda x, y: np.exp(-np.abs(rim(x, y)) / 0.0016) * clip(1 - 1.6 * y, 0, 1),
        p.paper,
        mode="screen",
        opacity=0.5,
    )
    bloom(canvas, threshold=0.6, reach=0.02, strength=0.4)
    vignette(canvas, 0.3)


def draw_banner(art: ArtDirection, seed: int, width: int = 1800, height: int = 600) -> Image:
    """Draw a text-free header in the artist's style: a strip around a picture's subject."""
    if height > width or height < 16:
        raise InvalidInput(
            f"a header of {width}×{height} px is not wide",
            field="height",
            remedy="ask for a width of at least the height, and a height of at least 16 px",
        )
    choices = WIDE[art.style]
    rng = np.random.default_rng([seed, *b"banner"])
    wanted = choices[int(rng.integers(len(choices)))]
    composition = art.composition if art.composition in choices else wanted
    plate = draw_plate(art, Feeling(), seed, width, composition=composition)
    picture = develop(plate.scene.canvas, art.texture, seed)
    centre = plate.drawn.focus[1] * width
    top = int(clip(centre - height / 2, 0, width - height))
    return resize(picture[top : top + height], width, height)
