"""Landscapes of layered cut paper: for wood, strings and weather."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from domain.art import Composition, Motif
from media.pictures.colour import Array, lch, mix, ramp, shade
from media.pictures.light import disc
from media.pictures.noise import Curve, curve
from media.pictures.paper import PaperStack
from media.pictures.scene import Drawn, Scene, lean
from media.pictures.shapes import bird, leaf, pine, polygon_mask, rectangle, ribbon, turned
from media.pictures.typeset import MARGIN, Area, Lockup

DARK = ("dusk", "night")
ORB_TOP = 0.27
"""No sun or moon stands higher: the title is there."""

HEAD_CENTRE = Lockup(
    "head_centre", Area(MARGIN, MARGIN + 0.012, 1 - MARGIN, 0.27), "centre", "top", "below", 0.085
)
HEAD_LEFT = Lockup(
    "head_left", Area(MARGIN, MARGIN, 1 - MARGIN, 0.27), "left", "top", "below", 0.09
)
SKY_SPLIT = Lockup(
    "sky_split", Area(MARGIN, MARGIN, 1 - MARGIN, 0.27), "left", "top", "foot", 0.095
)
FOOT_CENTRE = Lockup(
    "foot_centre", Area(MARGIN, 0.76, 1 - MARGIN, 1 - MARGIN), "centre", "bottom", "below", 0.08
)
FOOT_LEFT = Lockup(
    "foot_left", Area(MARGIN, 0.68, 1 - MARGIN, 1 - MARGIN), "left", "bottom", "head", 0.09
)


@dataclass(frozen=True)
class Hour:
    """The colours of a time of day."""

    name: str
    sky: Array
    sky_low: Array
    orb: Array
    layers: Array
    """A colour table from the farthest sheet (0) to the nearest (1)."""


def _hour(scene: Scene) -> Hour:
    p, feeling = scene.palette, scene.feeling
    name = scene.chooser.pick(
        "hour",
        {
            "morning": lean(1.0, 0.8, feeling.valence),
            "evening": lean(1.0, 0.3, feeling.arousal),
            "dusk": lean(0.9, 0.4, feeling.dominance),
            "night": lean(0.8, -0.9, feeling.valence),
        },
    )
    if name == "morning":
        sky, low, orb = p.paper, mix(p.paper, p.glow, 0.45), p.key
        layers = ramp(
            (mix(p.paper, p.accent, 0.45), p.accent, p.key, p.deep, p.night), softness=0.02
        )
    elif name == "evening":
        sky, low, orb = mix(p.glow, p.key, 0.4), p.glow, p.paper
        layers = ramp(
            (mix(p.glow, p.key, 0.75), p.key, mix(p.key, p.deep, 0.6), p.deep, p.night),
            softness=0.02,
        )
    else:
        sky, low, orb = p.night, mix(p.night, p.deep, 0.9), p.paper
        layers = ramp(
            (
                mix(p.deep, p.accent, 0.35),
                p.accent,
                mix(p.accent, p.deep, 0.5),
                p.deep,
                shade(p.night, 0.15),
            ),
            softness=0.02,
        )
    return Hour(name, sky, low, orb, layers)


def _begin(scene: Scene) -> tuple[Hour, PaperStack]:
    hour = _hour(scene)
    stack = PaperStack(scene.canvas, scene.seed(), scene.side())
    stack.ground(ramp((hour.sky, hour.sky_low)), hour.sky)
    return hour, stack


def _inks(scene: Scene) -> tuple[Array, ...]:
    p = scene.palette
    return (shade(p.night, 0.2), p.paper, shade(p.night, 0.1))


def _layer(hour: Hour, depth: float) -> Array:
    return np.asarray(hour.layers[int(np.clip(depth, 0, 1) * (len(hour.layers) - 1))], np.float32)


def _orb(scene: Scene, stack: PaperStack, hour: Hour, cx: float, cy: float, radius: float) -> None:
    """Sun or moon as a disc on paler rings."""
    rings = int(scene.rng.integers(0, 3))
    while rings and cy - radius * (1 + 0.42 * rings) < ORB_TOP:
        rings -= 1
    cy = max(cy, ORB_TOP + radius)
    for ring in range(rings, 0, -1):
        colour = mix(hour.sky, hour.orb, 0.3 / ring + 0.05)
        stack.sheet(disc(cx, cy, radius * (1 + 0.42 * ring)), colour, lift=0.5)
    stack.sheet(disc(cx, cy, radius), hour.orb, lift=0.8)
    if hour.name in DARK and scene.rng.random() < 0.45:
        off = radius * 0.36 * scene.side()
        colour = mix(hour.sky, hour.orb, 0.3 / max(rings, 1) + 0.05 if rings else 0.02)
        bite = disc(cx + off, cy - radius * 0.12, radius * 0.9)
        whole = disc(cx, cy, radius * 1.005)
        stack.sheet(lambda x, y: np.minimum(bite(x, y), whole(x, y)), colour, lift=0.35)


def _hill(line: Curve, base: float, height: float, tilt: float) -> Callable[[Array], Array]:
    def top(x: Array) -> Array:
        return base - height * line(x) + tilt * (x - 0.5)

    return top


def _below(top: Callable[[Array], Array], cut: Curve) -> Callable[[Array, Array], Array]:
    """Everything under a ridge, with the slight unsteadiness of scissors."""
    return lambda x, y: y - top(x) - 0.0011 * cut(x)


def _birds(scene: Scene, stack: PaperStack, ink: Array, around: tuple[float, float]) -> None:
    count = int(scene.rng.integers(3, 8))
    heading = scene.between(-0.3, 0.3)
    outlines = []
    for index in range(count):
        span = scene.between(0.026, 0.052)
        x = around[0] + (index - count / 2) * 0.05 + scene.between(-0.015, 0.015)
        y = around[1] + abs(index - count / 2) * 0.022 + scene.between(-0.014, 0.014)
        shape = bird(span, scene.between(0.12, 0.26))
        outlines.append(turned(shape, heading * 0.5, x, y))
    stack.piece(polygon_mask(scene.canvas.size_px, outlines), ink, lift=0.3)


def _trees(
    scene: Scene,
    top: Callable[[Array], Array],
    *,
    count: int,
    tall: float,
    left: float,
    right: float,
) -> list[Array]:
    trees = []
    for x in np.sort(scene.rng.uniform(left, right, count)):
        height = tall * scene.between(0.45, 1.2)
        foot = float(top(np.array([x], np.float32))[0])
        trees.append(
            turned(
                pine(scene.rng, height, height * scene.between(0.4, 0.52)),
                0.0,
                float(x),
                foot + 0.006,
            )
        )
    return trees


def hills(scene: Scene) -> Drawn:
    """Hills behind hills under one sun or moon."""
    hour, stack = _begin(scene)
    cx, radius = 0.5 + scene.side() * scene.between(0.05, 0.27), scene.between(0.085, 0.15)
    cy = scene.between(0.42, 0.52)
    _orb(scene, stack, hour, cx, cy, radius)
    count = int(scene.rng.integers(5, 8))
    first = scene.between(0.5, 0.6)
    swell = 0.055 + 0.02 * scene.feeling.arousal
    warm = int(scene.rng.integers(1, count - 1))
    for index in range(count):
        depth = index / (count - 1)
        base = first + (0.93 - first) * depth**1.05
        line = curve(scene.seed(), scene.between(1.1, 2.2), 2, 0.25)
        top = _hill(line, base, swell * (1 + 0.35 * depth), scene.between(-0.16, 0.16))
        colour = _layer(hour, 0.08 + 0.92 * depth)
        if index == warm:
            colour = mix(colour, hour.orb if hour.name == "morning" else scene.palette.key, 0.55)
        stack.sheet(_below(top, curve(scene.seed(), 26, 1)), colour, lift=0.9 + 0.6 * depth)
        if index == warm and scene.wants(Motif.PINES, 0.55):
            edge = scene.between(0.05, 0.6)
            grove = _trees(scene, top, count=7, tall=0.075, left=edge, right=edge + 0.3)
            stack.piece(
                polygon_mask(scene.canvas.size_px, grove),
                _layer(hour, min(1, depth + 0.35)),
                lift=0.4,
            )
    if scene.wants(Motif.BIRDS, 0.5):
        ink = _layer(hour, 0.95) if hour.name not in DARK else hour.orb
        _birds(scene, stack, ink, (1 - cx + scene.between(-0.05, 0.05), cy - 0.03))
    return Drawn((HEAD_CENTRE, HEAD_LEFT, SKY_SPLIT), _inks(scene), (cx, cy))


def river(scene: Scene) -> Drawn:
    """A river winding out of the hills towards us."""
    hour, stack = _begin(scene)
    horizon = scene.between(0.44, 0.52)
    cx = 0.5 + scene.side() * scene.between(0.0, 0.16)
    _orb(scene, stack, hour, cx, horizon - scene.between(0.0, 0.09), scene.between(0.08, 0.13))
    for depth in (0.0, 0.14):
        line = curve(scene.seed(), 2.2, 3, 0.35)
        top = _hill(line, horizon + 0.05 * (depth > 0), 0.05, scene.between(-0.06, 0.06))
        stack.sheet(_below(top, curve(scene.seed(), 26, 1)), _layer(hour, 0.1 + depth), lift=0.8)
    plain = horizon + 0.075
    stack.sheet(lambda x, y: y - plain + 0 * x, _layer(hour, 0.38), lift=0.7)
    t = np.linspace(0, 1, 160)
    sway = scene.side() * scene.between(0.16, 0.26)
    bends = scene.between(1.35, 2.0)
    y = plain + (1.06 - plain) * t**1.7
    x = cx + sway * np.sin(t * np.pi * bends) * (0.12 + 0.88 * t) + (0.5 - cx) * t
    flow = ribbon(np.stack([x, y], axis=1).astype(np.float32), 0.01 + 0.44 * t**2.3)
    water = (
        mix(hour.orb, hour.sky_low, 0.25)
        if hour.name != "morning"
        else mix(scene.palette.paper, scene.palette.accent, 0.15)
    )
    stack.piece(polygon_mask(scene.canvas.size_px, [flow]), water, lift=0.35)
    _banks(scene, stack, hour, plain)
    if scene.wants(Motif.BIRDS, 0.4):
        _birds(
            scene,
            stack,
            _layer(hour, 0.9) if hour.name not in DARK else hour.orb,
            (1 - cx, horizon - 0.12),
        )
    return Drawn((HEAD_CENTRE, HEAD_LEFT, SKY_SPLIT), _inks(scene), (cx, horizon))


def _banks(scene: Scene, stack: PaperStack, hour: Hour, plain: float) -> None:
    side = scene.side()
    for index in range(4):
        depth = 0.45 + 0.55 * index / 3
        side = -side
        reach = scene.between(0.24, 0.36) + 0.02 * index
        base = plain + 0.09 + (1.0 - plain) * (0.12 + 0.3 * index)
        line = curve(scene.seed(), 1.6, 2, 0.3)

        def top(
            x: Array,
            side: float = side,
            reach: float = reach,
            base: float = base,
            line: Curve = line,
        ) -> Array:
            inward = (x if side < 0 else 1 - x) / reach
            return base - 0.13 * (1 - inward**2) + 0.02 * line(x)

        stack.sheet(
            _below(top, curve(scene.seed(), 26, 1)), _layer(hour, depth), lift=1.0 + 0.15 * index
        )
        if index in (1, 2):
            left = 0.01 if side < 0 else 1 - reach * 0.75
            grove = _trees(
                scene, top, count=5, tall=0.085 + 0.03 * index, left=left, right=left + reach * 0.7
            )
            stack.piece(
                polygon_mask(scene.canvas.size_px, grove),
                _layer(hour, min(1.0, depth + 0.18)),
                lift=0.5,
            )


def cutout(scene: Scene) -> Drawn:
    """Looking through holes in sheet behind sheet, to a small far place."""
    hour, stack = _begin(scene)
    up = scene.rng.random() < 0.7
    cx, cy = (
        scene.between(0.42, 0.58),
        scene.between(0.38, 0.43) if up else scene.between(0.58, 0.62),
    )
    inner = scene.between(0.13, 0.17)
    _orb(scene, stack, hour, cx + scene.between(-0.06, 0.06), cy - inner * 0.25, inner * 0.42)
    for depth in (0.2, 0.45, 0.7):
        line = curve(scene.seed(), 2.6, 2, 0.3)
        top = _hill(line, cy + inner * (0.15 + 0.75 * depth), 0.03, scene.between(-0.1, 0.1))
        stack.sheet(_below(top, curve(scene.seed(), 26, 1)), _layer(hour, depth), lift=0.6)
    if scene.wants(Motif.BIRDS, 0.4):
        _birds(
            scene,
            stack,
            _layer(hour, 0.95) if hour.name not in DARK else hour.orb,
            (cx, cy - inner * 0.6),
        )
    count = int(scene.rng.integers(4, 6))
    order = (
        np.linspace(0.95, 0.12, count)
        if scene.rng.random() < 0.6
        else np.linspace(0.25, 1.0, count)
    )
    kind = scene.chooser.pick("opening", {"cave": 1.0, "arch": 0.8, "round": 0.6})
    for index in range(count):
        radius = inner + (0.34 - inner) * (index / (count - 1)) ** 0.9
        wobble = curve(scene.seed(), 5.0, 2, 0.4)
        stack.sheet(
            _opening(kind, cx, cy, radius, wobble, 0.028 + 0.05 * index / count),
            _layer(hour, float(order[index])),
            lift=1.2 + 0.25 * index,
        )
    return Drawn((FOOT_CENTRE,) if up else (HEAD_CENTRE,), _inks(scene), (cx, cy))


def _opening(
    kind: str, cx: float, cy: float, radius: float, wobble: Curve, amount: float
) -> Callable[[Array, Array], Array]:
    def outside(x: Array, y: Array) -> Array:
        dx, dy = x - cx, y - cy
        if kind == "arch":
            far = np.maximum(np.hypot(dx, np.minimum(dy, 0)), 0)
            return np.maximum(far - radius * 0.92, dy - radius * 0.92) + 0 * x
        far = np.hypot(dx, dy * 1.02)
        if kind == "round":
            return far - radius
        angle = np.arctan2(dy, dx)
        # The wobble must close on itself: walk it along a circle, not along the angle.
        shift = wobble(0.5 + 0.25 * np.cos(angle)) + wobble(0.4 + 0.25 * np.sin(angle))
        return far - radius * (1 + amount * 2.2 * shift)

    return outside


def pines(scene: Scene) -> Drawn:
    """Rows of spruces going into mist, a moon above them."""
    hour, stack = _begin(scene)
    cx, cy = 0.5 + scene.side() * scene.between(0.0, 0.22), scene.between(0.36, 0.47)
    _orb(scene, stack, hour, cx, cy, scene.between(0.1, 0.17))
    rows = int(scene.rng.integers(4, 6))
    first = scene.between(0.56, 0.64)
    valley = scene.side() * scene.between(0.0, 0.12)
    for index in range(rows):
        depth = index / (rows - 1)
        base = first + (1.04 - first) * depth
        line = curve(scene.seed(), 1.6, 2, 0.3)
        top = _hill(line, base, 0.045, valley * (1 - 2 * (index % 2)) * 1.4)
        tall = 0.1 + 0.19 * depth**1.3
        count = int(round(24 - 13 * depth))
        grove = _trees(scene, top, count=count, tall=tall, left=-0.03, right=1.03)
        mask = polygon_mask(scene.canvas.size_px, grove)
        np.maximum(mask, scene.canvas.mask(_below(top, curve(scene.seed(), 26, 1))), out=mask)
        stack.piece(mask, _layer(hour, 0.1 + 0.9 * depth), lift=0.8 + 0.9 * depth)
    if scene.wants(Motif.BIRDS, 0.35):
        _birds(scene, stack, _layer(hour, 0.9) if hour.name not in DARK else hour.orb, (1 - cx, cy))
    return Drawn((HEAD_CENTRE, HEAD_LEFT, SKY_SPLIT), _inks(scene), (cx, cy))


def branch(scene: Scene) -> Drawn:
    """One branch before one large disc."""
    hour, stack = _begin(scene)
    up = scene.rng.random() < 0.65
    cx = 0.5 + scene.side() * scene.between(0.0, 0.1)
    cy = scene.between(0.38, 0.42) if up else scene.between(0.6, 0.64)
    radius = scene.between(0.23, 0.29)
    disc_colour = hour.orb if hour.name != "evening" else scene.palette.key
    stack.sheet(disc(cx, cy, radius), disc_colour, lift=0.8)
    side = scene.side()
    t = np.linspace(0, 1, 120)
    x = 0.5 + side * (-0.56 + 0.98 * t)
    y = cy + scene.between(0.12, 0.2) - 0.34 * t + scene.between(0.06, 0.12) * np.sin(np.pi * t)
    stem = np.stack([x, y], axis=1).astype(np.float32)
    count = int(scene.rng.integers(15, 23))
    tones = [_layer(hour, d) for d in (0.98, 0.82, 0.66)]
    n = scene.canvas.size_px
    outlines: list[list[Array]] = [[], [], []]
    length, slim = scene.between(0.14, 0.2), scene.between(0.26, 0.42)
    for index in range(count):
        at = 0.07 + 0.93 * index / (count - 1)
        k = int(at * 119)
        ahead = stem[min(k + 1, 119)] - stem[max(k - 1, 0)]
        heading = float(np.arctan2(ahead[1], ahead[0]))
        away = 0.0 if index == count - 1 else (1 if index % 2 else -1) * scene.between(0.55, 1.05)
        size = length * (1.05 - 0.55 * at) * scene.between(0.85, 1.12)
        shape = leaf(size, size * slim, scene.between(-0.3, 0.3))
        outlines[index % 3].append(
            turned(shape, heading + away, float(stem[k, 0]), float(stem[k, 1]))
        )
    for tone, group in zip(tones[::-1], outlines, strict=True):
        stack.piece(polygon_mask(n, group), tone, lift=0.9)
    stack.piece(polygon_mask(n, [ribbon(stem, np.linspace(0.011, 0.003, 120))]), tones[0], lift=0.6)
    return Drawn(
        (FOOT_CENTRE, FOOT_LEFT) if up else (HEAD_CENTRE, HEAD_LEFT), _inks(scene), (cx, cy)
    )


def lone_house(scene: Scene) -> Drawn:
    """A great sky, and under it one house with a light on."""
    hour, stack = _begin(scene)
    ground = scene.between(0.72, 0.8)
    cx = 0.5 + scene.side() * scene.between(0.1, 0.27)
    if scene.wants(Motif.MOON, 0.55) or hour.name == "night":
        _orb(scene, stack, hour, 1 - cx, scene.between(0.42, 0.52), scene.between(0.045, 0.1))
    for index in range(int(scene.rng.integers(2, 5))):
        y0, reach = 0.42 + 0.075 * index + scene.between(-0.02, 0.02), scene.between(0.25, 0.5)
        mid = scene.between(0.1, 0.9)
        stack.sheet(
            _cloud(mid, y0, reach, curve(scene.seed(), 9, 3)),
            mix(
                hour.sky_low,
                hour.orb if hour.name != "morning" else scene.palette.accent,
                0.16 + 0.05 * index,
            ),
            lift=0.6,
        )
    far = _hill(curve(scene.seed(), 1.8, 2, 0.3), ground - 0.035, 0.035, scene.between(-0.08, 0.08))
    stack.sheet(_below(far, curve(scene.seed(), 26, 1)), _layer(hour, 0.3), lift=0.8)
    top = _hill(curve(scene.seed(), 1.3, 1), ground, 0.03, scene.between(-0.1, 0.1))
    stack.sheet(_below(top, curve(scene.seed(), 26, 1)), _layer(hour, 0.7), lift=1.0)
    _house(scene, stack, hour, cx, float(top(np.array([cx], np.float32))[0]))
    near = _hill(curve(scene.seed(), 1.4, 2, 0.3), ground + 0.13, 0.04, scene.between(-0.14, 0.14))
    stack.sheet(_below(near, curve(scene.seed(), 26, 1)), _layer(hour, 0.98), lift=1.5)
    if scene.wants(Motif.BIRDS, 0.5):
        _birds(scene, stack, _layer(hour, 0.9) if hour.name not in DARK else hour.orb, (cx, 0.5))
    return Drawn((HEAD_CENTRE, HEAD_LEFT, SKY_SPLIT), _inks(scene), (cx, ground))


def _cloud(mid: float, y0: float, reach: float, torn: Curve) -> Callable[[Array, Array], Array]:
    def inside(x: Array, y: Array) -> Array:
        along = np.clip(1 - ((x - mid) / reach) ** 2, 0, None)
        upper = y0 - 0.032 * along**0.6 + 0.005 * torn(x)
        lower = y0 + 0.01 * along**0.6 + 0.003 * torn(x * 0.9 + 0.05)
        return np.minimum(np.minimum(y - upper, lower - y), (along - 0.002) * 0.1)

    return inside


def _house(scene: Scene, stack: PaperStack, hour: Hour, cx: float, foot: float) -> None:
    n, w = scene.canvas.size_px, scene.between(0.036, 0.048)
    wall = mix(scene.palette.paper, hour.orb, 0.3)
    if hour.name in DARK:
        wall = mix(scene.palette.deep, scene.palette.accent, 0.6)
    if lch(_layer(hour, 0.3))[0] > 0.75:
        wall = scene.palette.key
    body = rectangle(cx - w, foot - w * 1.05, cx + w, foot + 0.02)
    roof = np.array(
        [[cx - w * 1.25, foot - w * 1.0], [cx, foot - w * 2.05], [cx + w * 1.25, foot - w * 1.0]],
        np.float32,
    )
    side = scene.side()
    chimney = rectangle(
        cx + side * w * 0.55 - w * 0.13,
        foot - w * 2.1,
        cx + side * w * 0.55 + w * 0.13,
        foot - w * 1.4,
    )
    stack.piece(polygon_mask(n, [chimney]), _layer(hour, 0.9), lift=0.3)
    stack.piece(polygon_mask(n, [body]), wall, lift=0.5)
    stack.piece(polygon_mask(n, [roof]), _layer(hour, 0.95), lift=0.4)
    pane = rectangle(cx - w * 0.62, foot - w * 0.78, cx - w * 0.12, foot - w * 0.28)
    door = rectangle(cx + w * 0.2, foot - w * 0.72, cx + w * 0.6, foot + 0.01)
    stack.piece(
        polygon_mask(n, [pane]),
        scene.palette.glow if hour.name != "morning" else scene.palette.deep,
        lift=0.15,
    )
    stack.piece(polygon_mask(n, [door]), _layer(hour, 0.9), lift=0.15)
    trees = _trees(
        scene,
        lambda x: foot + 0 * x,
        count=2,
        tall=w * 3.2,
        left=cx - side * w * 2.2 - w * 0.6,
        right=cx - side * w * 2.2 + w * 0.6,
    )
    stack.piece(polygon_mask(n, trees), _layer(hour, 0.88), lift=0.5)


COMPOSERS: Mapping[Composition, Callable[[Scene], Drawn]] = MappingProxyType(
    {
        Composition.HILLS: hills,
        Composition.RIVER: river,
        Composition.CUTOUT: cutout,
        Composition.PINES: pines,
        Composition.BRANCH: branch,
        Composition.LONE_HOUSE: lone_house,
    }
)
SUITS: Mapping[Composition, frozenset[Motif]] = MappingProxyType(
    {
        Composition.HILLS: frozenset({Motif.SUN, Motif.BIRDS}),
        Composition.RIVER: frozenset({Motif.RIVER}),
        Composition.CUTOUT: frozenset({Motif.MOON, Motif.MOUNTAINS}),
        Composition.PINES: frozenset({Motif.PINES}),
        Composition.BRANCH: frozenset({Motif.LEAVES}),
        Composition.LONE_HOUSE: frozenset({Motif.HOUSE, Motif.BIRDS}),
    }
)
