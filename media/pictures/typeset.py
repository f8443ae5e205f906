"""Title and artist line on a plate: where they stand, how large, in which colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from domain.errors import InvalidInput
from media.pictures.canvas import Canvas, enlarge
from media.pictures.colour import Array, contrast, from_hex, luminance, to_hex
from media.pictures.finish import Image
from media.pictures.fonts import CONDENSED, Face, face_for, missing_letters
from media.pictures.lettering import Block, breaks, cap_height, draw_line, set_block

Role = Literal["title", "artist"]
MARGIN = 0.068
# A little above the gates' limits, because grain is added after the colour is chosen.
WANTED_CONTRAST: dict[Role, float] = {"title": 3.6, "artist": 5.0}
MIN_TITLE_CAP = 0.0495
COMFORTABLE_CAP = 0.06
LONGEST_PIECE = 14
MIN_ARTIST_CAP = 0.0135
ARTIST_CAP = 0.0195


@dataclass(frozen=True)
class Area:
    """A rectangle in parts of the side."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Lockup:
    """Where a composition leaves room for its title, and where the artist line goes."""

    name: str
    area: Area
    across: Literal["left", "centre", "right"] = "left"
    down: Literal["top", "middle", "bottom"] = "bottom"
    artist: Literal["above", "below", "head", "foot"] = "head"
    cap: float = 0.125


@dataclass(frozen=True)
class TextBox:
    """The ink of one line of text, in pixels of the cover."""

    role: Role
    text: str
    left: float
    top: float
    right: float
    bottom: float
    colour: str
    cap_height_px: float


@dataclass(frozen=True)
class Fitted:
    """A block of lines and the em, in parts of the side, at which it fits its area."""

    block: Block
    em: float

    @property
    def height(self) -> float:
        """Height of the ink in parts of the side."""
        return self.block.height * self.em


def fit(
    text: str, face: Face, *, width: float, height: float, cap: float, most_lines: int = 6
) -> Fitted:
    """Choose line breaks and size: as large as the room allows, in as few lines as look well."""
    ratio = cap_height(face)
    options = []
    for texts in breaks(text, face, most_lines):
        block = set_block(texts, face)
        em = min(width / max(block.width, 1e-3), height / max(block.height, 1e-3), cap / ratio)
        options.append(Fitted(block, em))
    if not options:
        raise InvalidInput("there is no text to set", field="title", remedy="give a title")
    enough = min(cap, COMFORTABLE_CAP)
    for fitted in options:
        if fitted.em * ratio >= enough:
            return fitted
    return max(options, key=lambda fitted: fitted.em)


def stacked(title: str) -> str:
    """Cut words too long for any line into even pieces, to be stacked like a poster's."""
    pieces = []
    for word in title.split():
        count = -(-len(word) // LONGEST_PIECE)
        step = -(-len(word) // count)
        pieces += [word[i : i + step] for i in range(0, len(word), step)]
    return " ".join(pieces)


def fit_title(title: str, face: Face, lockup: Lockup) -> Fitted:
    """Fit in the artist's face, in a condensed one when the title is too long for it."""
    wanted = face_for(title, face, field="title")
    width, height = lockup.area.right - lockup.area.left, lockup.area.bottom - lockup.area.top
    cap = lockup.cap * (2.0 if len(title.strip()) <= 2 else 1.0)
    cut = stacked(title)
    attempts = (
        (title, wanted, 0.0),
        (title, wanted, 0.12),
        (title, CONDENSED, 0.12),
        (title, wanted, 0.3),
        (title, CONDENSED, 0.4),
        (cut, wanted, 0.3),
        (cut, CONDENSED, 0.4),
    )
    for text, candidate, extra in attempts:
        if missing_letters(title, candidate):
            continue
        fitted = fit(text, candidate, width=width, height=height + extra, cap=cap)
        if fitted.em * cap_height(candidate) >= MIN_TITLE_CAP:
            return fitted
    raise InvalidInput(
        f"the title is too long to be read on a cover: {len(title)} characters",
        field="title",
        remedy="shorten the title or its longest word",
    )


def fit_artist(artist: str, face: Face) -> Fitted:
    """Fit the artist line between the margins."""
    chosen = face_for(artist, face, field="artist")
    if chosen is not face:
        chosen = Face(chosen.family, chosen.axes, chosen.slope, True, face.tracking, 1.5)
    fitted = fit(artist, chosen, width=1 - 2 * MARGIN, height=0.14, cap=ARTIST_CAP, most_lines=3)
    if fitted.em * cap_height(chosen) < MIN_ARTIST_CAP:
        raise InvalidInput(
            "the artist's name is too long for a cover", field="artist", remedy="shorten the name"
        )
    return fitted


@dataclass(frozen=True)
class Placed:
    """A fitted block with the place of its ink's top edge and its reference x."""

    role: Role
    fitted: Fitted
    x: float
    top: float
    across: Literal["left", "centre", "right"]

    def line_boxes(self) -> list[tuple[float, float, float, float, float]]:
        """For each line the ink box and the baseline: left, top, right, bottom, baseline."""
        em, block = self.fitted.em, self.fitted.block
        first = self.top - block.lines[0].top * em
        boxes = []
        for index, line in enumerate(block.lines):
            baseline = first + index * block.step * em
            width = line.width * em
            shift = {"left": 0.0, "centre": width / 2, "right": width}[self.across]
            left = self.x - shift
            top, bottom = baseline + line.top * em, baseline + line.bottom * em
            boxes.append((left, top, left + width, bottom, baseline))
        return boxes


def place(title: Fitted, artist: Fitted, lockup: Lockup) -> tuple[Placed, Placed]:
    """Stand both blocks where the lockup wants them."""
    area, gap = lockup.area, 0.038
    x = {"left": area.left, "centre": (area.left + area.right) / 2, "right": area.right}[
        lockup.across
    ]
    extra = artist.height + gap if lockup.artist in ("above", "below") else 0.0
    group = title.height + extra
    start = {
        "top": area.top,
        "middle": (area.top + area.bottom - group) / 2,
        "bottom": area.bottom - group,
    }[lockup.down]
    title_top = start + (extra if lockup.artist == "above" else 0.0)
    artist_top = {
        "above": start,
        "below": start + title.height + gap,
        "head": MARGIN,
        "foot": 1 - MARGIN - artist.height,
    }[lockup.artist]
    return (
        Placed("title", title, x, title_top, lockup.across),
        Placed("artist", artist, x, artist_top, lockup.across),
    )


def _worst_contrast(plate: Array, boxes: Sequence[tuple[float, ...]], colour: Array) -> float:
    """The 10th percentile of contrast over the boxes, of the worst box."""
    side = plate.shape[0]
    light = float(luminance(colour))
    worst = np.inf
    for left, top, right, bottom, _ in boxes:
        rows = slice(max(0, int(top * side)), max(int(top * side) + 1, int(bottom * side) + 1))
        columns = slice(max(0, int(left * side)), max(int(left * side) + 1, int(right * side) + 1))
        behind = luminance(plate[rows, columns])
        worst = min(worst, float(np.percentile(contrast(behind, light), 10)))
    return worst


def choose_inks(
    canvas: Canvas, blocks: Sequence[Placed], inks: Sequence[Array]
) -> tuple[Array, ...]:
    """One ink for all letters where one can be read; else an ink each, on a calmed plate."""
    plate = canvas.small(600)
    margins = [[_ease(plate, block, ink) for ink in inks] for block in blocks]
    for column, ink in enumerate(inks):
        if all(row[column] >= 1 for row in margins):
            return tuple(ink for _ in blocks)
    chosen = []
    for block, row in zip(blocks, margins, strict=True):
        readable = [ink for ink, ease in zip(inks, row, strict=True) if ease >= 1]
        best = readable[0] if readable else inks[int(np.argmax(row))]
        if not readable:
            _calm_until_readable(canvas, block, best)
        chosen.append(best)
    return tuple(chosen)


def _ease(plate: Array, block: Placed, ink: Array) -> float:
    """Contrast over the wanted contrast."""
    return _worst_contrast(plate, block.line_boxes(), ink) / WANTED_CONTRAST[block.role]


def legibility(plate: Array, block: Placed, inks: Sequence[Array]) -> float:
    """The best ink's contrast over the wanted one; 1 or more can be read as it stands."""
    return max(_ease(plate, block, ink) for ink in inks)


def _calm_until_readable(canvas: Canvas, block: Placed, ink: Array) -> None:
    for _ in range(16):
        _calm(canvas, block.line_boxes(), ink)
        if _ease(canvas.small(600), block, ink) >= 1:
            return


def _calm(canvas: Canvas, boxes: Sequence[tuple[float, ...]], ink: Array) -> None:
    """Draw the plate behind the text softly towards its own darker or lighter tone."""
    side = 200
    shade = np.zeros((side, side), np.float32)
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
    pad = 0.03
    shade[
        max(0, int((top - pad) * side)) : int((bottom + pad) * side) + 1,
        max(0, int((left - pad) * side)) : int((right + pad) * side) + 1,
    ] = 1
    shade = cv2.GaussianBlur(shade, (0, 0), side * 0.05).astype(np.float32)
    cover = np.clip(enlarge(shade, canvas.size_px), 0, 1)
    if float(luminance(ink)) > 0.4:
        canvas.paint(cover, np.full(3, 0.05, np.float32), mode="multiply", opacity=0.16)
    else:
        canvas.paint(cover, np.full(3, 0.97, np.float32), mode="screen", opacity=0.2)


def letter(image: Image, placed: Placed, ink: Array) -> list[TextBox]:
    """Draw the block on a finished picture and report the ink box of each line."""
    n, em = image.shape[0], placed.fitted.em
    colour = to_hex(ink)
    boxes = []
    for line, (left, _, _, _, baseline) in zip(
        placed.fitted.block.lines, placed.line_boxes(), strict=True
    ):
        cover, x0, y0 = draw_line(line, em * n, (left - line.left * em) * n, baseline * n)
        _stamp(image, cover, x0, y0, from_hex(colour))
        boxes.append(
            TextBox(
                role=placed.role,
                text=line.text,
                left=float(x0),
                top=float(y0),
                right=float(x0 + cover.shape[1]),
                bottom=float(y0 + cover.shape[0]),
                colour=colour,
                cap_height_px=cap_height(line.face) * em * n,
            )
        )
    return boxes


def _stamp(image: Image, cover: Array, x0: int, y0: int, ink: Array) -> None:
    height, width = image.shape[:2]
    top, left = max(0, y0), max(0, x0)
    bottom, right = min(height, y0 + cover.shape[0]), min(width, x0 + cover.shape[1])
    if top >= bottom or left >= right:
        return
    part = cover[top - y0 : bottom - y0, left - x0 : right - x0, None]
    target = image[top:bottom, left:right].astype(np.float32)
    target += (ink * 255 - target) * part
    image[top:bottom, left:right] = np.rint(target).astype(np.uint8)
