"""Shaped and kerned lines of type: measured in ems, drawn as anti-aliased coverage."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import uharfbuzz as hb

from media.pictures.colour import Array
from media.pictures.fonts import Face, font_of


@dataclass(frozen=True)
class Line:
    """One shaped line; y grows downwards from the baseline, all in ems."""

    text: str
    face: Face
    glyphs: tuple[tuple[int, float, float], ...]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width of the ink in ems."""
        return self.right - self.left


def cap_height(face: Face) -> float:
    """Height of a flat capital, in ems."""
    font = font_of(face)
    extents = font.get_glyph_extents(font.get_nominal_glyph(ord("H")))
    return abs(float(extents.height)) / float(font.face.upem)


def shape_line(text: str, face: Face, tracking: float | None = None) -> Line:
    """Shape with kerning; ligatures only where the letters are not tracked apart."""
    shown = unicodedata.normalize("NFC", text)
    shown = shown.upper() if face.upper else shown
    track = face.tracking if tracking is None else tracking
    font = font_of(face)
    em = float(font.face.upem)
    buffer = hb.Buffer()
    buffer.add_str(shown)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, {"kern": True, "liga": track <= 0})
    glyphs: list[tuple[int, float, float]] = []
    box = [np.inf, np.inf, -np.inf, -np.inf]
    pen = 0.0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        x, y = pen + position.x_offset / em, -position.y_offset / em
        extents = font.get_glyph_extents(info.codepoint)
        if extents is not None and extents.width:
            top = y - extents.y_bearing / em
            box = [
                min(box[0], x + extents.x_bearing / em),
                min(box[1], top),
                max(box[2], x + (extents.x_bearing + extents.width) / em),
                max(box[3], top - extents.height / em),
            ]
        glyphs.append((info.codepoint, x, y))
        pen += position.x_advance / em + track
    if not np.isfinite(box[0]):
        box = [0.0, 0.0, 0.0, 0.0]
    return Line(shown, face, tuple(glyphs), *(float(edge) for edge in box))


def draw_line(line: Line, em_px: float, x_px: float, y_px: float) -> tuple[Array, int, int]:
    """Rasterise with the baseline origin at (x, y); returns coverage and its top left pixel."""
    font = font_of(line.face)
    scale = em_px / float(font.face.upem)
    pen = hb.RasterDraw()
    for glyph, x, y in line.glyphs:
        pen.transform = (scale, 0.0, 0.0, scale, x_px + x * em_px, -(y_px + y * em_px))
        pen.draw_glyph(font, glyph)
    image = pen.render()
    extents = image.extents
    rows = np.frombuffer(image.buffer, np.uint8).reshape(extents.height, extents.stride)
    # HarfBuzz counts rows upwards.
    cover = rows[::-1, : extents.width].astype(np.float32) / np.float32(255)
    return cover, int(extents.x_origin), -int(extents.y_origin) - int(extents.height)


@dataclass(frozen=True)
class Block:
    """Lines set together at one size, in ems; `step` is the distance of the baselines."""

    lines: tuple[Line, ...]
    step: float

    @property
    def width(self) -> float:
        """Width of the widest line."""
        return max(line.width for line in self.lines)

    @property
    def height(self) -> float:
        """From the top of the first line's ink to the bottom of the last one's."""
        span = (len(self.lines) - 1) * self.step
        return span - self.lines[0].top + self.lines[-1].bottom


def set_block(texts: tuple[str, ...], face: Face) -> Block:
    """Set lines with the face's leading, opened where ink would touch."""
    lines = tuple(shape_line(text, face) for text in texts)
    needed = [upper.bottom - lower.top + 0.07 for upper, lower in pairwise(lines)]
    return Block(lines, max([face.leading, *needed]))


def breaks(text: str, face: Face, most_lines: int) -> list[tuple[str, ...]]:
    """For each number of lines the break that keeps the widest line narrowest."""
    words = text.split()
    space = max(shape_line("n n", face).width - 2 * shape_line("n", face).width, 0.15)
    widths = [shape_line(word, face).width for word in words]
    counts = range(1, min(most_lines, len(words)) + 1)
    return [_balanced(words, widths, space, count) for count in counts]


def _balanced(words: list[str], widths: list[float], space: float, count: int) -> tuple[str, ...]:
    """Dynamic programme: least possible widest line for the first j words in k lines."""
    total = len(words)

    def line_width(start: int, stop: int) -> float:
        return sum(widths[start:stop]) + space * (stop - start - 1)

    state: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for k in range(1, count + 1):
        after: dict[int, tuple[float, tuple[int, ...]]] = {}
        for stop in range(k, total - (count - k) + 1):
            options = [
                (max(width, line_width(start, stop)), (*cuts, stop))
                for start, (width, cuts) in state.items()
                if start < stop
            ]
            if options:
                after[stop] = min(options)
        state = after
    cuts = (0, *state[total][1])
    return tuple(" ".join(words[a:b]) for a, b in pairwise(cuts))
