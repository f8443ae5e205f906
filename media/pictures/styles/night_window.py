"""Rooms and windows after dark: for slow beats, rain and homework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from scipy.interpolate import PchipInterpolator

from domain.art import Composition, Motif
from media.pictures.canvas import Field, enlarge, plane_field, table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.finish import bloom, vignette
from media.pictures.light import disc, glow, soft_step
from media.pictures.noise import curve, fbm
from media.pictures.scene import Drawn, Scene, lean
from media.pictures.shapes import leaf, polygon_mask, rectangle, ribbon, turned
from media.pictures.typeset import MARGIN, Area, Lockup

HEAD_LEFT = Lockup("head_left", Area(MARGIN, MARGIN, 1 - MARGIN, 0.3), "left", "top", "below", 0.08)
HEAD_SPLIT = Lockup(
    "head_split", Area(MARGIN, MARGIN, 1 - MARGIN, 0.3), "left", "top", "foot", 0.085
)
FOOT_LEFT = Lockup(
    "foot_left", Area(MARGIN, 0.7, 1 - MARGIN, 1 - MARGIN), "left", "bottom", "below", 0.09
)
FOOT_SPLIT = Lockup(
    "foot_split", Area(MARGIN, 0.7, 1 - MARGIN, 1 - MARGIN), "left", "bottom", "head", 0.09
)
FOOT_CENTRE = Lockup(
    "foot_centre", Area(MARGIN, 0.74, 1 - MARGIN, 1 - MARGIN), "centre", "bottom", "below", 0.08
)
HEAD_CENTRE = Lockup(
    "head_centre", Area(MARGIN, MARGIN, 1 - MARGIN, 0.28), "centre", "top", "below", 0.08
)
ONES = np.ones(3, np.float32)


def _inks(scene: Scene) -> tuple[Array, ...]:
    p = scene.palette
    return (p.paper, p.glow, shade(p.night, 0.15))


def _dark_inks(scene: Scene) -> tuple[Array, ...]:
    p = scene.palette
    return (shade(p.night, 0.16), p.paper, shade(p.night, 0.08))


def _box(left: float, top: float, right: float, bottom: float, corner: float = 0.0) -> Field:
    """Signed distance of a rectangle with round corners."""
    cx, cy = (left + right) / 2, (top + bottom) / 2
    half_w, half_h = (right - left) / 2 - corner, (bottom - top) / 2 - corner

    def inside(x: Array, y: Array) -> Array:
        dx, dy = np.abs(x - cx) - half_w, np.abs(y - cy) - half_h
        outer = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
        return corner - (outer + np.minimum(np.maximum(dx, dy), 0))

    return inside


def _blur(mask: Array, reach: float) -> Array:
    n = mask.shape[0]
    side = min(n, 750)
    small = cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(reach * side, 0.3)).astype(np.float32)
    return np.clip(enlarge(soft, n), 0, 1)


def _wall(scene: Scene, low: Array, high: Array, light: tuple[float, float]) -> None:
    """A plastered wall, lighter around one place."""
    plaster = fbm(scene.seed(), 3.0, 5, 500)
    table = np.linspace(0, 1, 512, dtype=np.float32)[:, None]
    grain = table_ink(plaster, table)
    reach = glow(*light, 0.5)

    def value(x: Array, y: Array) -> Array:
        return 0.1 + 0.85 * reach(x, y) + 0.12 * (grain(x, y)[..., 0] - 0.5)

    scene.canvas.paint(1.0, table_ink(value, ramp((low, mix(low, high, 0.5), high))))


# --------------------------------------------------------------------------- one lit window


def one_lit_window(scene: Scene) -> Drawn:
    """A sleeping house front, and one window that is not asleep."""
    p = scene.palette
    up = scene.rng.random() < 0.5
    columns, rows = int(scene.rng.integers(3, 6)), int(scene.rng.integers(3, 5))
    top, bottom = (0.28, 1.08) if up else (-0.08, 0.70)
    lit = (
        int(scene.rng.integers(0, columns)),
        int(scene.rng.integers(0, rows - 1)) if up else int(scene.rng.integers(1, rows)),
    )
    pitch_x, pitch_y = 0.9 / columns, (bottom - top) / rows
    width, height = pitch_x * scene.between(0.5, 0.6), pitch_y * scene.between(0.58, 0.68)
    left = 0.05

    def place(c: int, r: int) -> tuple[float, float, float, float]:
        cx, cy = left + (c + 0.5) * pitch_x, top + (r + 0.5) * pitch_y
        return cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2

    box = place(*lit)
    centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    wall = mix(p.deep, p.key, 0.16)
    _wall(scene, shade(wall, 0.2), shade(wall, 0.34), centre)
    _courses(scene, wall)
    for c in range(columns):
        for r in range(rows):
            if (c, r) != lit:
                _dark_window(scene, place(c, r))
    _bright_window(scene, box)
    scene.canvas.paint(glow(*centre, 0.16), mix(p.glow, p.key, 0.3), mode="screen", opacity=0.42)
    bloom(scene.canvas, threshold=0.6, reach=0.016, strength=0.4)
    vignette(scene.canvas, 0.35, centre)
    lockups = (HEAD_LEFT, HEAD_SPLIT, HEAD_CENTRE) if up else (FOOT_LEFT, FOOT_SPLIT, FOOT_CENTRE)
    return Drawn(lockups, _inks(scene), centre)


def _courses(scene: Scene, wall: Array) -> None:
    """Faint horizontal boards."""
    pitch = scene.between(0.022, 0.034)
    scene.canvas.paint(
        lambda x, y: np.exp(-((y / pitch) % 1.0) * 7) + 0 * x,
        shade(wall, 0.12),
        mode="multiply",
        opacity=0.28,
    )


def _frame(
    scene: Scene, box: tuple[float, float, float, float], colour: Array, bars: Array
) -> None:
    left, top, right, bottom = box
    rim = (right - left) * 0.07
    canvas = scene.canvas
    sill = _box(left - rim * 1.8, bottom + rim * 0.4, right + rim * 1.8, bottom + rim * 1.5)
    shadow = _box(left - rim * 1.5, bottom + rim * 1.2, right + rim * 1.9, bottom + rim * 4)
    soft = rim * 2.5
    canvas.paint(
        lambda x, y: soft_step(-1, 1, shadow(x, y) / soft),
        shade(scene.palette.night, 0.1),
        opacity=0.6,
        top=bottom - 0.02,
        bottom=bottom + 0.12,
    )
    outer = _box(left - rim, top - rim, right + rim, bottom + rim)
    inner = _box(left, top, right, bottom)
    canvas.paint(
        lambda x, y: canvas.edge(np.minimum(outer(x, y), -inner(x, y))),
        colour,
        top=top - 0.03,
        bottom=bottom + 0.03,
    )
    canvas.paint(
        lambda x, y: canvas.edge(sill(x, y)), colour, top=bottom - 0.01, bottom=bottom + 0.06
    )
    mid_x, mid_y = (left + right) / 2, top + (bottom - top) * 0.36
    thin = rim * 0.3

    def mullions(x: Array, y: Array) -> Array:
        cross = np.maximum(thin - np.abs(x - mid_x), thin - np.abs(y - mid_y))
        return np.minimum(cross, inner(x, y))

    canvas.paint(lambda x, y: canvas.edge(mullions(x, y)), bars, top=top, bottom=bottom)


def _dark_window(scene: Scene, box: tuple[float, float, float, float]) -> None:
    p, canvas = scene.palette, scene.canvas
    left, top, right, bottom = box
    inner = _box(*box)
    slope, start = scene.between(0.25, 0.7), scene.between(0.0, 0.5)
    table = ramp((shade(p.night, 0.12), mix(p.night, p.deep, 0.8), mix(p.deep, p.accent, 0.25)))

    def reflected(x: Array, y: Array) -> Array:
        u, v = (x - left) / (right - left), (y - top) / (bottom - top)
        return np.clip(start + 0.35 * (1 - v) - slope * np.abs(u - v * 0.6), 0.02, 0.85)

    canvas.paint(
        lambda x, y: canvas.edge(inner(x, y)), table_ink(reflected, table), top=top, bottom=bottom
    )
    if scene.rng.random() < 0.4:
        drop = top + (bottom - top) * scene.between(0.25, 0.7)
        blind = _box(left, top, right, drop)
        canvas.paint(
            lambda x, y: canvas.edge(blind(x, y)), mix(p.deep, p.accent, 0.22), top=top, bottom=drop
        )
    frame = mix(p.deep, p.paper, 0.16)
    _frame(scene, box, frame, shade(frame, 0.25))


def _bright_window(scene: Scene, box: tuple[float, float, float, float]) -> None:
    p, canvas = scene.palette, scene.canvas
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    inner = _box(*box)
    table = ramp((mix(p.key, p.deep, 0.25), p.key, p.glow, mix(p.glow, p.paper, 0.65)))
    lamp = glow(left + width * scene.between(0.25, 0.75), top + height * 0.55, width * 0.9)
    canvas.paint(
        lambda x, y: canvas.edge(inner(x, y)),
        table_ink(lambda x, y: 0.2 + 0.85 * lamp(x, y), table),
        top=top,
        bottom=bottom,
    )
    ink = shade(p.night, 0.13)
    side = scene.side()
    what = scene.chooser.pick("in_the_window", {"plant": 1.0, "cat": 0.8, "reader": 0.8})
    cx = (left + right) / 2 + side * width * 0.16
    shapes = {"plant": _plant, "cat": _cat, "reader": _reader}[what](scene, cx, bottom, width)
    mask = polygon_mask(canvas.size_px, shapes)
    canvas.paint(
        lambda x, y: canvas.edge(inner(x, y)) * _rows(mask, y), ink, top=top, bottom=bottom
    )
    for edge, sign in ((left, 1.0), (right, -1.0)):
        fold = curve(scene.seed(), 3.0, 1)

        def drape(
            x: Array,
            y: Array,
            edge: float = edge,
            sign: float = sign,
            fold: Callable[[Array], Array] = fold,
        ) -> Array:
            v = (y - top) / height
            reach = width * (0.2 - 0.07 * np.sin(np.pi * np.clip(v, 0, 1))) + 0.01 * width * fold(v)
            return np.minimum(reach - sign * (x - edge), inner(x, y))

        canvas.paint(
            lambda x, y, drape=drape: canvas.edge(drape(x, y)),
            mix(p.key, p.glow, 0.25),
            opacity=0.75,
            top=top,
            bottom=bottom,
        )
    frame = mix(p.deep, p.paper, 0.3)
    _frame(scene, box, frame, shade(p.night, 0.2))


def _rows(mask: Array, y: Array) -> Array:
    n = mask.shape[0]
    first = int(y[0, 0] * n)
    return mask[first : first + y.shape[0]]


def _plant(scene: Scene, cx: float, foot: float, width: float) -> list[Array]:
    pot = np.array([[-0.11, -0.2], [0.11, -0.2], [0.08, 0.0], [-0.08, 0.0]], np.float32)
    shapes = [(pot * width + (cx, foot)).astype(np.float32)]
    for index in range(9):
        angle = -np.pi / 2 + (index - 4) * 0.3 + scene.between(-0.1, 0.1)
        length = width * scene.between(0.28, 0.46)
        blade = leaf(length, length * 0.3, scene.between(-0.3, 0.3))
        shapes.append(turned(blade, angle, cx, foot - 0.17 * width))
    return shapes


def _cat(scene: Scene, cx: float, foot: float, width: float) -> list[Array]:
    t = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([np.cos(t), np.sin(t)], axis=1)
    body = ring * (0.135, 0.2) + (0, -0.17)
    head = ring * (0.085, 0.078) + (0.03, -0.42)
    ears = [
        np.array([[-0.045, -0.45], [-0.03, -0.545], [0.02, -0.485]]),
        np.array([[0.045, -0.485], [0.095, -0.54], [0.108, -0.44]]),
    ]
    s = np.linspace(0, 1, 30)
    path = np.stack([-0.08 - 0.22 * s, -0.03 - 0.02 * np.sin(s * 6)], axis=1)
    tail = ribbon(path.astype(np.float32), np.linspace(0.05, 0.03, 30))
    parts = [body, head, *ears, tail]
    return [(part * width + (cx, foot)).astype(np.float32) for part in parts]


def _reader(scene: Scene, cx: float, foot: float, width: float) -> list[Array]:
    t = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([np.cos(t), np.sin(t)], axis=1)
    head = ring * (0.085, 0.105) + (0.0, -0.5)
    hair = ring * (0.1, 0.085) + (-0.02, -0.54)
    bun = ring * (0.045, 0.045) + (-0.09, -0.62)
    neck = np.array([[-0.035, -0.46], [0.035, -0.46], [0.045, -0.3], [-0.05, -0.3]])
    shoulders = np.concatenate(
        [
            np.stack([0.21 * np.cos(t[30:]), -0.1 + 0.26 * np.sin(t[30:])], axis=1),
            [[0.23, 0.02], [-0.23, 0.02]],
        ]
    )
    return [
        (part * width + (cx, foot)).astype(np.float32)
        for part in (head, hair, bun, neck, shoulders)
    ]


# ---------------------------------------------------------------------------------- sunbeam


def sunbeam(scene: Scene) -> Drawn:
    """Late light through panes, lying on a wall, with the shadow of a plant."""
    p, canvas = scene.palette, scene.canvas
    hour = scene.chooser.pick(
        "hour",
        {
            "afternoon": lean(1.0, 0.8, scene.feeling.valence),
            "golden": 1.0,
            "moonlit": lean(0.9, -0.9, scene.feeling.valence),
        },
    )
    wall = {"afternoon": shade(p.accent, 0.66), "golden": shade(p.key, 0.56), "moonlit": p.deep}[
        hour
    ]
    light = {
        "afternoon": mix(p.paper, p.glow, 0.4),
        "golden": p.glow,
        "moonlit": mix(p.accent, p.paper, 0.55),
    }[hour]
    side = scene.side()
    cx, cy = 0.5 + side * scene.between(0.0, 0.12), scene.between(0.48, 0.56)
    _wall(
        scene,
        shade(wall, 0.62 if hour == "afternoon" else 0.36 if hour == "golden" else 0.2),
        wall,
        (cx, cy),
    )
    columns, rows = int(scene.rng.integers(2, 4)), int(scene.rng.integers(2, 4))
    wide, tall = scene.between(0.46, 0.62), scene.between(0.46, 0.58)
    skew, turn = side * scene.between(0.18, 0.42), side * scene.between(0.05, 0.2)
    panes = []
    for c in range(columns):
        for r in range(rows):
            u0, u1 = (c + 0.055) / columns - 0.5, (c + 0.945) / columns - 0.5
            v0, v1 = (r + 0.045) / rows - 0.5, (r + 0.955) / rows - 0.5
            corners = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]]) * (wide, tall)
            x = cx + corners[:, 0] + skew * corners[:, 1]
            y = cy + corners[:, 1] + turn * corners[:, 0]
            panes.append(np.stack([x, y], axis=1).astype(np.float32))
    mask = polygon_mask(canvas.size_px, panes)
    lit = 0.72 * _blur(mask, 0.0035) + 0.28 * _blur(mask, 0.02)
    foliage = _blur(polygon_mask(canvas.size_px, _foliage(scene, cx, cy, side)), 0.006)
    shadowed = lit * (1 - 0.9 * foliage)
    canvas.paint(shadowed, light, opacity=0.86)
    canvas.paint(_blur(mask, 0.07), light, mode="screen", opacity=0.16)
    bloom(canvas, threshold=0.7, reach=0.02, strength=0.25)
    lockups = (FOOT_LEFT, FOOT_SPLIT, HEAD_LEFT, HEAD_SPLIT)
    return Drawn(lockups, _inks(scene) if hour != "afternoon" else _dark_inks(scene), (cx, cy))


def _foliage(scene: Scene, cx: float, cy: float, side: float) -> list[Array]:
    shapes: list[Array] = []
    root_x, root_y = cx - side * scene.between(0.1, 0.3), cy + 0.42
    for _ in range(int(scene.rng.integers(3, 6))):
        lean_x = side * scene.between(-0.1, 0.34)
        t = np.linspace(0, 1, 60)
        stem = np.stack(
            [root_x + lean_x * t**1.5, root_y - scene.between(0.42, 0.72) * t], axis=1
        ).astype(np.float32)
        shapes.append(ribbon(stem, np.linspace(0.008, 0.004, 60)))
        for index in range(7):
            at = stem[12 + index * 7]
            angle = -np.pi / 2 + (1 if index % 2 else -1) * scene.between(0.5, 1.2) + lean_x
            length = scene.between(0.09, 0.16)
            shapes.append(
                turned(
                    leaf(length, length * 0.36, scene.between(-0.3, 0.3)), angle, *map(float, at)
                )
            )
    return shapes


# ------------------------------------------------------------------------------- still life


@dataclass(frozen=True)
class _Vessel:
    """A thing turned on a wheel: half-widths along its height, both in its own units."""

    name: str
    heights: tuple[float, ...]
    halves: tuple[float, ...]
    tall: float


_VESSELS = (
    _Vessel(
        "bottle",
        (0, 0.05, 0.5, 0.62, 0.7, 0.96, 1.0),
        (0.13, 0.15, 0.15, 0.11, 0.055, 0.05, 0.062),
        0.36,
    ),
    _Vessel("vase", (0, 0.1, 0.35, 0.62, 0.84, 1.0), (0.14, 0.22, 0.31, 0.24, 0.11, 0.15), 0.28),
    _Vessel("cup", (0, 0.08, 0.5, 1.0), (0.3, 0.38, 0.45, 0.47), 0.125),
    _Vessel("bowl", (0, 0.06, 0.3, 0.65, 1.0), (0.34, 0.4, 0.75, 1.02, 1.1), 0.105),
    _Vessel("jug", (0, 0.1, 0.4, 0.7, 0.88, 1.0), (0.24, 0.3, 0.34, 0.25, 0.2, 0.235), 0.25),
    _Vessel(
        "pear",
        (0, 0.12, 0.34, 0.6, 0.82, 0.95, 1.0),
        (0.12, 0.34, 0.42, 0.3, 0.2, 0.11, 0.02),
        0.135,
    ),
    _Vessel(
        "orange",
        (0, 0.07, 0.25, 0.5, 0.75, 0.93, 1.0),
        (0.12, 0.27, 0.43, 0.5, 0.43, 0.27, 0.02),
        0.115,
    ),
)


def still_life(scene: Scene) -> Drawn:
    """A few quiet things on a table, lit from one side."""
    p, canvas = scene.palette, scene.canvas
    table_y = scene.between(0.64, 0.72)
    light = scene.side()
    dark = (
        scene.chooser.pick(
            "room", {"lamplit": 1.0, "daylit": lean(0.9, 0.9, scene.feeling.valence)}
        )
        == "lamplit"
    )
    wall = mix(p.deep, p.accent, 0.25) if dark else mix(p.paper, p.accent, 0.45)
    _wall(scene, shade(wall, 0.24 if dark else 0.68), wall, (0.5 + light * 0.4, 0.3))
    board = mix(p.key, p.deep, 0.35) if dark else mix(p.key, p.paper, 0.35)
    planks = ramp((shade(board, 0.5 if dark else 0.72), shade(board, 0.3 if dark else 0.6)))
    canvas.paint(
        lambda x, y: canvas.edge(y - table_y + 0 * x),
        table_ink(
            lambda x, y: (y - table_y) / (1 - table_y) * 0.8 + 0.2 * np.abs(x - 0.5 - light * 0.5),
            planks,
        ),
        top=table_y - 0.01,
    )
    order = scene.rng.permutation(len(_VESSELS))
    chosen = sorted(
        (_VESSELS[int(i)] for i in order[: int(scene.rng.integers(3, 5))]), key=lambda v: -v.tall
    )
    colours = [p.key, p.accent, p.paper, p.glow, mix(p.deep, p.accent, 0.5)]
    start = int(scene.rng.integers(0, len(colours)))
    for index, (vessel, x, y) in enumerate(_arrange(scene, chosen, table_y)):
        colour = colours[(start + index) % len(colours)]
        _turned(scene, vessel, x, y, colour, light, 0.62 if dark else 0.4)
    if dark:
        canvas.paint(glow(0.5 + light * 0.5, 0.25, 0.4), p.glow, mode="screen", opacity=0.22)
    vignette(canvas, 0.4 if dark else 0.18)
    inks = _inks(scene) if dark else _dark_inks(scene)
    return Drawn((HEAD_LEFT, HEAD_SPLIT, HEAD_CENTRE), inks, (0.5, table_y - 0.1))


def _arrange(
    scene: Scene, vessels: list[_Vessel], table_y: float
) -> list[tuple[_Vessel, float, float]]:
    """Tall things behind, small ones in front, nearly touching, the group centred."""
    scale = 1.18
    widths = [2 * max(v.halves) * v.tall * scale for v in vessels]
    spots, x = [], 0.0
    line_up = list(scene.rng.permutation(len(vessels)))
    for i in line_up:
        x += widths[i] / 2
        spots.append((i, x))
        x += widths[i] / 2 * scene.between(0.78, 1.12) + 0.012
    shift = 0.5 - x / 2 + scene.between(-0.05, 0.05)
    placed = []
    for i, at in spots:
        near = 0.035 + 0.085 * (1 - vessels[i].tall / 0.36) + scene.between(-0.01, 0.015)
        placed.append((vessels[i], at + shift, table_y + near))
    return sorted(placed, key=lambda item: item[2])


def _turned(
    scene: Scene, vessel: _Vessel, cx: float, foot: float, colour: Array, light: float, dusk: float
) -> None:
    canvas, p = scene.canvas, scene.palette
    tall = vessel.tall * 1.18
    t = np.linspace(0, 1, 200)
    smooth = PchipInterpolator(vessel.heights, vessel.halves)(t).astype(np.float32)

    def half_at(y: Array) -> Array:
        return np.interp((foot - y) / tall, t, smooth, left=-0.01, right=-0.01) * np.float32(tall)

    outline = (
        np.concatenate(
            [np.stack([smooth, -t], axis=1), np.stack([-smooth, -t], axis=1)[::-1]]
        ).astype(np.float32)
        * tall
    )
    lying = outline * (1.0, 0.2)
    lying[:, 0] += -light * -outline[:, 1] * 1.25
    mask = polygon_mask(canvas.size_px, [(lying + (cx, foot)).astype(np.float32)])
    canvas.paint(_blur(mask, 0.008), shade(p.night, 0.14), mode="multiply", opacity=0.6)
    base = float(smooth[2]) * tall
    contact = glow(cx, foot, base * 0.55, squash=6.0)
    canvas.paint(contact, shade(p.night, 0.1), mode="multiply", opacity=0.75)
    table = ramp(
        (shade(colour, dusk * 0.35), shade(colour, dusk * 0.9), colour, mix(colour, p.paper, 0.45))
    )
    bow = base * 0.16

    def inside(x: Array, y: Array) -> Array:
        off = (x - cx) / max(base, 1e-4)
        lower = foot + bow * np.sqrt(np.clip(1 - off * off, 0, 1)) - y
        width = half_at(np.minimum(y, foot - 0.004))
        return np.minimum(np.minimum(width - np.abs(x - cx), lower), y - (foot - tall))

    def lit(x: Array, y: Array) -> Array:
        across = (x - cx) / np.maximum(half_at(np.minimum(y, foot - 0.004)), 1e-3)
        up = (foot - y) / tall
        return np.clip(0.46 + 0.44 * light * across - 0.18 * across**2 + 0.1 * up, 0, 1)

    canvas.paint(
        lambda x, y: canvas.edge(inside(x, y)),
        table_ink(lit, table),
        top=foot - tall - 0.01,
        bottom=foot + 0.03,
    )
    if vessel.name in ("cup", "bowl", "jug", "vase"):
        rim = float(smooth[-4]) * tall
        mouth = lambda x, y: rim - np.hypot(x - cx, (y - foot + tall) * 5.5)  # noqa: E731
        canvas.paint(
            lambda x, y: canvas.edge(mouth(x, y)),
            table_ink(lambda x, y: 0.3 - 0.35 * light * (x - cx) / rim + 0 * y, table),
            top=foot - tall - 0.05,
            bottom=foot - tall + 0.05,
        )


# ------------------------------------------------------------------------------ night train


def night_train(scene: Scene) -> Drawn:
    """A carriage window, the evening going past."""
    p, canvas = scene.palette, scene.canvas
    up = scene.rng.random() < 0.5
    top, bottom = (0.29, 0.88) if up else (0.11, 0.68)
    left, right, corner = 0.1, 0.9, scene.between(0.05, 0.11)
    horizon = top + (bottom - top) * scene.between(0.6, 0.74)
    cx = 0.5 + scene.side() * scene.between(0.06, 0.24)
    cy = top + (bottom - top) * scene.between(0.24, 0.5)
    wall = mix(p.night, p.deep, 0.55)
    _wall(scene, shade(wall, 0.15), shade(wall, 0.25), (0.5, (top + bottom) / 2))
    rim = _box(left - 0.022, top - 0.022, right + 0.022, bottom + 0.022, corner + 0.022)
    canvas.paint(lambda x, y: canvas.edge(rim(x, y)), mix(p.deep, p.accent, 0.3))
    lip = _box(left - 0.006, top - 0.006, right + 0.006, bottom + 0.006, corner + 0.006)
    canvas.paint(lambda x, y: canvas.edge(lip(x, y)), shade(p.night, 0.1))
    _view(scene, _box(left, top, right, bottom, corner), (top, bottom), horizon, (cx, cy))
    canvas.paint(
        lambda x, y: (
            np.exp(-np.abs(rim(x, y)) / 0.0014)
            * np.clip(2 * (bottom - y) / (bottom - top) - 0.6, 0, 1)
        ),
        p.paper,
        mode="screen",
        opacity=0.25,
    )
    bloom(canvas, threshold=0.62, reach=0.016, strength=0.4)
    lockups = (HEAD_LEFT, HEAD_CENTRE) if up else (FOOT_LEFT, FOOT_CENTRE)
    return Drawn(lockups, _inks(scene), (cx, (top + bottom) / 2))


def _view(
    scene: Scene, pane: Field, span: tuple[float, float], horizon: float, moon: tuple[float, float]
) -> None:
    p, canvas = scene.palette, scene.canvas
    top, bottom = span
    warm = (
        scene.chooser.pick("hour", {"dusk": lean(1.2, 0.5, scene.feeling.valence), "late": 1.0})
        == "dusk"
    )
    sky = ramp(
        (p.deep, mix(p.deep, p.accent, 0.6), p.accent, p.key, p.glow)
        if warm
        else (p.night, p.deep, mix(p.deep, p.accent, 0.7), p.accent)
    )
    drift = table_ink(
        fbm(scene.seed(), 2.0, 4, 300, stretch=5.0),
        np.linspace(0, 1, 256, dtype=np.float32)[:, None],
    )

    def put(
        cover: Field, ink: Array | Callable[[Array, Array], Array], opacity: float = 1.0
    ) -> None:
        canvas.paint(
            lambda x, y: canvas.edge(np.minimum(pane(x, y), 1.0)) * cover(x, y),
            ink,
            opacity=opacity,
            top=top,
            bottom=bottom,
        )

    put(
        lambda x, y: np.ones((y.shape[0], x.shape[1]), np.float32),
        table_ink(
            lambda x, y: (
                0.05 + 0.9 * (y - top) / (horizon - top) + 0.22 * (drift(x, y)[..., 0] - 0.5)
            ),
            sky,
        ),
    )
    radius = scene.between(0.05, 0.085)
    body = disc(*moon, radius)
    put(lambda x, y: np.exp(-np.maximum(-body(x, y), 0) / 0.07), mix(p.glow, p.paper, 0.5), 0.35)
    put(lambda x, y: canvas.edge(body(x, y)), mix(p.paper, p.glow, 0.3))
    for depth in (0.0, 0.5, 1.0):
        line = curve(scene.seed(), 2.4 - 0.8 * depth, 3, 0.35)
        base = horizon + (bottom - horizon) * 0.38 * depth
        colour = mix(mix(p.accent, p.deep, 0.45), shade(p.night, 0.12), depth)
        put(
            lambda x, y, line=line, base=base, depth=depth: canvas.edge(
                y - base + (0.045 - 0.015 * depth) * line(x)
            ),
            colour,
        )
    _village(scene, put, horizon, bottom)
    sag, mast = scene.between(0.035, 0.07), scene.between(0.2, 0.8)
    for wire in range(3):
        start = top + 0.05 + 0.035 * wire

        def cable(x: Array, y: Array, start: float = start) -> Array:
            phase = ((x - mast) / 0.62) % 1.0
            return 0.0011 - np.abs(y - start - sag * 4 * phase * (1 - phase))

        put(lambda x, y, cable=cable: canvas.edge(cable(x, y)), shade(p.night, 0.12), 0.85)
    put(
        lambda x, y: canvas.edge(np.minimum(0.0035 - np.abs(x - mast), y - top - 0.03)),
        shade(p.night, 0.12),
    )
    put(
        lambda x, y: canvas.edge(
            np.minimum(0.03 - np.abs(x - mast), 0.002 - np.abs(y - top - 0.05))
        ),
        shade(p.night, 0.12),
    )
    slope = scene.between(0.3, 0.6)
    put(
        lambda x, y: soft_step(0.0, 0.02, 0.05 - np.abs(x - 0.3 - slope * (bottom - y))) * 0.09,
        ONES,
    )
    put(
        lambda x, y: soft_step(0.0, 0.01, 0.014 - np.abs(x - 0.39 - slope * (bottom - y))) * 0.08,
        ONES,
    )


def _village(scene: Scene, put: Callable[..., None], horizon: float, bottom: float) -> None:
    """Lights of houses, drawn out by the speed."""
    p = scene.palette
    for _ in range(int(scene.rng.integers(9, 16))):
        x0 = scene.between(0.12, 0.88)
        y0 = horizon + (bottom - horizon) * scene.between(0.1, 0.55)
        length, thick = scene.between(0.004, 0.03), scene.between(0.0016, 0.003)
        put(
            lambda x, y, x0=x0, y0=y0, length=length, thick=thick: np.exp(
                -(((x - x0) / length) ** 2 + ((y - y0) / thick) ** 2)
            ),
            mix(p.glow, p.paper, 0.3),
            0.9,
        )


# ------------------------------------------------------------------------------ rain lights


def rain_lights(scene: Scene) -> Drawn:
    """The city out of focus behind a wet pane."""
    p, canvas = scene.palette, scene.canvas
    centre = scene.between(0.55, 0.68)
    sky = ramp((shade(p.night, 0.1), p.night, p.deep, mix(p.deep, p.key, 0.5)))
    haze = plane_field(fbm(scene.seed(), 2.0, 4, 300, stretch=1.5))
    canvas.paint(
        1.0,
        table_ink(
            lambda x, y: 0.9 * np.exp(-(((y - centre) / 0.3) ** 2)) + 0.5 * (haze(x, y) - 0.5), sky
        ),
    )
    _skyline(scene, centre)
    lights = (p.glow, p.key, p.key, p.accent, mix(p.glow, p.paper, 0.4))
    columns = [scene.between(0.02, 0.98) for _ in range(9)]
    for index in range(int(scene.rng.integers(44, 60))):
        radius = 0.012 + 0.06 * scene.rng.random() ** 2.0
        x0 = columns[index % 9] + float(scene.rng.normal(0, 0.035))
        y0 = centre + 0.04 + float(scene.rng.normal(0, 0.1))
        colour = lights[int(scene.rng.integers(0, len(lights)))]
        body = disc(x0, y0, radius)
        opacity = scene.between(0.35, 0.95) * (0.022 / max(radius, 0.022)) ** 0.6

        def bokeh(x: Array, y: Array, body: Field = body, radius: float = radius) -> Array:
            d = body(x, y)
            rim = np.exp(-np.maximum(d, 0) / (radius * 0.14))
            return soft_step(0, 0.004, d) * (0.62 + 0.38 * rim)

        canvas.paint(
            bokeh, colour, mode="screen", opacity=opacity, top=y0 - radius, bottom=y0 + radius
        )
    canvas.paint(lambda x, y: soft_step(centre, 1.05, y) + 0 * x, shade(p.night, 0.12), opacity=0.6)
    bloom(canvas, threshold=0.55, reach=0.022, strength=0.5)
    _drops(scene)
    return Drawn((HEAD_LEFT, HEAD_SPLIT, HEAD_CENTRE), _inks(scene), (0.5, centre))


def _skyline(scene: Scene, centre: float) -> None:
    """Houses too far out of focus to have edges."""
    x, blocks = -0.05, []
    while x < 1.05:
        wide = scene.between(0.06, 0.16)
        blocks.append(rectangle(x, centre - scene.between(0.02, 0.24), x + wide, 1.05))
        x += wide + scene.between(-0.01, 0.05)
    mask = _blur(polygon_mask(scene.canvas.size_px, blocks), 0.009)
    scene.canvas.paint(mask, shade(scene.palette.night, 0.15), opacity=0.8)


def _drops(scene: Scene) -> None:
    """Drops bend the light: each shows the scene upside down, bright below, dark above."""
    canvas = scene.canvas
    blurred = cv2.GaussianBlur(canvas.small(200), (0, 0), 2.0)
    for _ in range(230):
        radius = 0.0018 + 0.0105 * scene.rng.random() ** 3.2
        x0, y0 = scene.between(0, 1), scene.between(0.02, 1.0)
        side = blurred.shape[0]
        seen = blurred[
            int(np.clip((1.1 - y0) * side, 0, side - 1)), int(np.clip(x0 * side, 0, side - 1))
        ]
        below = blurred[int(np.clip(y0 * side, 0, side - 1)), int(np.clip(x0 * side, 0, side - 1))]
        bright = np.clip(below * 1.25 + seen * 0.35 + 0.06, 0, 1).astype(np.float32)
        table = ramp((below * 0.45, below * 0.8, bright), steps=64)
        squash = scene.between(1.0, 1.25)

        def drop(
            x: Array,
            y: Array,
            x0: float = x0,
            y0: float = y0,
            radius: float = radius,
            squash: float = squash,
        ) -> Array:
            return radius - np.hypot((x - x0) * squash, y - y0)

        canvas.paint(
            lambda x, y, drop=drop: canvas.edge(drop(x, y)),
            table_ink(
                lambda x, y, y0=y0, radius=radius: (y - y0) / (2 * radius) + 0.5 + 0 * x, table
            ),
            opacity=0.85,
            top=y0 - radius,
            bottom=y0 + radius,
        )


COMPOSERS: Mapping[Composition, Callable[[Scene], Drawn]] = MappingProxyType(
    {
        Composition.ONE_LIT_WINDOW: one_lit_window,
        Composition.SUNBEAM: sunbeam,
        Composition.STILL_LIFE: still_life,
        Composition.NIGHT_TRAIN: night_train,
        Composition.RAIN_LIGHTS: rain_lights,
    }
)
SUITS: Mapping[Composition, frozenset[Motif]] = MappingProxyType(
    {
        Composition.ONE_LIT_WINDOW: frozenset({Motif.WINDOW, Motif.CITY}),
        Composition.SUNBEAM: frozenset({Motif.LEAVES, Motif.SUN}),
        Composition.STILL_LIFE: frozenset({Motif.TABLE}),
        Composition.NIGHT_TRAIN: frozenset({Motif.TRAIN, Motif.MOON}),
        Composition.RAIN_LIGHTS: frozenset({Motif.RAIN, Motif.CITY}),
    }
)
