"""Luminous gradients, a horizon, one light: for synthesisers at night."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from domain.art import Composition, Motif
from media.pictures.canvas import plane_field, table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.finish import bloom, vignette
from media.pictures.light import disc, glow, ripples, soft_step, stars
from media.pictures.noise import curve, fbm
from media.pictures.scene import Drawn, Scene, lean
from media.pictures.typeset import MARGIN, Area, Lockup

BLACK = np.zeros(3, np.float32)

FOOT_LEFT = Lockup("foot_left", Area(MARGIN, 0.68, 1 - MARGIN, 1 - MARGIN), cap=0.1)
FOOT_CENTRE = Lockup(
    "foot_centre", Area(MARGIN, 0.66, 1 - MARGIN, 1 - MARGIN), "centre", "bottom", "above", 0.085
)
HEAD_LEFT = Lockup("head_left", Area(MARGIN, MARGIN, 1 - MARGIN, 0.3), "left", "top", "foot", 0.1)
HEAD_CENTRE = Lockup(
    "head_centre", Area(MARGIN, MARGIN + 0.01, 1 - MARGIN, 0.3), "centre", "top", "below", 0.085
)
HEAD_RIGHT = Lockup(
    "head_right", Area(MARGIN, MARGIN, 1 - MARGIN, 0.3), "right", "top", "foot", 0.095
)


def _sky_table(scene: Scene) -> tuple[str, Array]:
    """Choose the hour; valence brings light, arousal brings colour."""
    p, feeling = scene.palette, scene.feeling
    hour = scene.chooser.pick(
        "hour",
        {
            "midnight": lean(1.0, -0.9, feeling.valence),
            "dusk": lean(1.2, 0.3, feeling.arousal),
            "first_light": lean(0.9, 0.9, feeling.valence),
        },
    )
    stops = {
        "midnight": (p.night, p.night, p.deep, p.key, p.accent),
        "dusk": (p.night, p.deep, p.key, p.accent, p.glow),
        "first_light": (p.deep, p.key, p.accent, p.glow, p.paper),
    }[hour]
    return hour, ramp(stops)


def _inks(scene: Scene) -> tuple[Array, ...]:
    p = scene.palette
    return (p.paper, p.glow, shade(p.night, 0.1))


def _paint_sky(
    scene: Scene, table: Array, horizon: float, light: tuple[float, float], reach: float
) -> None:
    clouds = fbm(scene.seed(), 2.2, 4, 400, stretch=3.5)
    cloud = table_ink(clouds, np.linspace(0, 1, 512, dtype=np.float32)[:, None])
    halo = glow(*light, reach, squash=1.25)
    bend = scene.between(1.1, 1.9)

    def value(x: Array, y: Array) -> Array:
        height = np.clip(y / horizon, 0, 1.2) ** bend
        drift = (cloud(x, y)[..., 0] - 0.5) * 0.17
        return 0.03 + 0.62 * height + 0.34 * halo(x, y) + drift * (0.3 + height)

    scene.canvas.paint(1.0, table_ink(value, table), bottom=horizon + 0.02)


def low_sun(scene: Scene) -> Drawn:
    """A sun going into water, with its road of light."""
    p, canvas = scene.palette, scene.canvas
    hour, table = _sky_table(scene)
    horizon = scene.between(0.56, 0.74)
    radius = scene.between(0.13, 0.2) + 0.05 * (scene.feeling.dominance + 1) * scene.between(0, 1)
    cx = 0.5 + scene.side() * scene.between(0.0, 0.2)
    cy = horizon - radius * scene.between(0.15, 1.05)
    _paint_sky(scene, table, horizon, (cx, cy), radius * 1.9)
    if hour != "first_light":
        stars(canvas, scene.rng, p.paper, count=170, bottom=horizon * 0.7)
    top = p.paper if hour == "first_light" else mix(p.glow, p.paper, 0.55)
    sun = ramp((top, p.glow, mix(p.glow, p.accent, 0.6), p.key))
    body = disc(cx, cy, radius)

    def melt(x: Array, y: Array) -> Array:
        low = soft_step(cy - 0.1 * radius, horizon + 0.2 * radius, y)
        return canvas.edge(body(x, y)) * (1 - 0.82 * low) * (y < horizon)

    canvas.paint(melt, table_ink(lambda x, y: (y - cy + radius) / (2 * radius) + 0 * x, sun))
    _paint_water(scene, table, horizon, cx, radius)
    haze = mix(p.glow, p.accent, 0.35)
    canvas.paint(
        lambda x, y: np.exp(-np.abs(y - horizon) / 0.012) * np.exp(-np.abs(x - cx) / 0.5),
        haze,
        mode="screen",
        opacity=0.75,
    )
    bloom(canvas, threshold=0.62, reach=0.016, strength=0.42)
    vignette(canvas, 0.4, (cx, horizon))
    return Drawn((HEAD_LEFT, HEAD_CENTRE, FOOT_CENTRE, FOOT_LEFT), _inks(scene), (cx, cy))


def _paint_water(scene: Scene, table: Array, horizon: float, cx: float, radius: float) -> None:
    p, canvas = scene.palette, scene.canvas
    wave = ripples(scene.seed(), horizon)

    def mirrored(x: Array, y: Array) -> Array:
        depth = y - horizon
        swell = (wave(x, y) - 0.5) * 0.3
        return 0.62 - 1.25 * depth + swell * (0.4 + depth) - 0.12 * np.abs(x - cx)

    canvas.paint(
        lambda x, y: canvas.edge(y - horizon + 0 * x),
        table_ink(mirrored, table),
        top=horizon - 0.01,
    )
    canvas.paint(
        lambda x, y: soft_step(horizon, 1.0, y) + 0 * x, p.night, opacity=0.75, top=horizon
    )

    def road(x: Array, y: Array) -> Array:
        depth = np.maximum(y - horizon, 0)
        width = radius * (0.55 + 1.3 * depth)
        off = np.abs(x - cx) / width
        glint = soft_step(0.0, 0.16, wave(x, y) - 0.42 - 0.22 * off - 0.22 * depth)
        return glint * np.exp(-((off * 0.85) ** 2)) * np.exp(-depth * 2.2) * (y > horizon)

    canvas.paint(road, mix(p.glow, p.paper, 0.25), opacity=0.9, top=horizon)


def eclipse(scene: Scene) -> Drawn:
    """A dark disc with a burning rim before melted colour."""
    p, canvas = scene.palette, scene.canvas
    _, table = _sky_table(scene)
    cx = 0.5 + scene.side() * scene.between(0.0, 0.24)
    low = scene.rng.random() < 0.5
    cy = scene.between(0.58, 0.64) if low else scene.between(0.38, 0.43)
    radius = scene.between(0.19, 0.26) + 0.025 * scene.feeling.dominance
    angle = scene.between(0, 2 * np.pi)
    fog = plane_field(fbm(scene.seed(), 1.8, 4, 320))
    reach = scene.between(0.16, 0.26)

    def corona(x: Array, y: Array) -> Array:
        dx, dy = x - cx, y - cy
        far = np.hypot(dx, dy)
        toward = (dx * np.cos(angle) + dy * np.sin(angle)) / np.maximum(far, 1e-4)
        lit = np.clip(toward * 0.55 + 0.45, 0, 1) ** 1.7
        fall = np.exp(-np.maximum(far - radius, 0) / (0.035 + reach * lit))
        return 0.04 + 0.95 * fall * (0.1 + 0.9 * lit) + 0.22 * (fog(x, y) - 0.45)

    canvas.paint(1.0, table_ink(corona, table))
    body = disc(cx, cy, radius)
    core = ramp((shade(p.night, 0.09), p.night, mix(p.night, p.key, 0.45)))

    def shading(x: Array, y: Array) -> Array:
        toward = ((x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)) / radius
        return np.clip(0.28 + 0.5 * toward, 0, 1) ** 1.6

    canvas.paint(lambda x, y: canvas.edge(body(x, y)), table_ink(shading, core))

    def rim(x: Array, y: Array) -> Array:
        away = body(x, y)
        toward = ((x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)) / np.maximum(
            np.hypot(x - cx, y - cy), 1e-4
        )
        lit = 0.12 + 0.88 * np.clip(toward * 0.6 + 0.4, 0, 1) ** 2.2
        line = np.exp(-np.abs(away) / (0.0024 + 0.008 * np.clip(toward, 0, 1) ** 2))
        return np.clip(line * lit, 0, 1)

    canvas.paint(rim, mix(p.glow, p.paper, 0.7), mode="screen")
    stars(canvas, scene.rng, p.paper, count=60, bottom=1.2)
    bloom(canvas, threshold=0.6, reach=0.014, strength=0.6)
    vignette(canvas, 0.45, (cx, cy))
    lockups = (HEAD_LEFT, HEAD_CENTRE) if low else (FOOT_LEFT, FOOT_CENTRE)
    return Drawn(lockups, _inks(scene), (cx, cy))


def doorway(scene: Scene) -> Drawn:
    """A lit opening in the dark, and somebody in it."""
    p, canvas = scene.palette, scene.canvas
    hour, table = _sky_table(scene)
    floor = scene.between(0.66, 0.76)
    half = scene.between(0.075, 0.13)
    tall = scene.between(0.34, 0.46)
    cx = 0.5 + scene.side() * scene.between(0.0, 0.2)
    arched = scene.rng.random() < 0.6
    top = floor - tall
    wall = ramp((shade(p.night, 0.1), p.night, p.deep, mix(p.deep, p.key, 0.55)))
    halo = glow(cx, floor - tall * 0.45, 0.26, squash=0.8)
    fog = table_ink(
        fbm(scene.seed(), 2.0, 4, 300), np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    )

    def wall_value(x: Array, y: Array) -> Array:
        return 0.06 + 0.8 * halo(x, y) + 0.16 * (fog(x, y)[..., 0] - 0.4)

    canvas.paint(1.0, table_ink(wall_value, wall))

    def opening(x: Array, y: Array) -> Array:
        sides = half - np.abs(x - cx)
        if not arched:
            return np.minimum(np.minimum(sides, y - top), floor - y)
        crown = half - np.hypot(x - cx, np.minimum(y - (top + half), 0))
        return np.minimum(crown, floor - y)

    def spill(x: Array, y: Array) -> Array:
        depth = np.maximum(y - floor, 0)
        width = half * (1 + 2.6 * depth)
        soft = 0.004 + 0.28 * depth
        off = np.abs(x - cx) - width
        return soft_step(-1.0, 1.0, -off / soft) * np.exp(-depth * 3.6) * (y >= floor)

    canvas.paint(
        lambda x, y: canvas.edge(y - floor + 0 * x),
        shade(p.night, 0.085),
        opacity=0.8,
        top=floor - 0.01,
    )
    light = table_ink(lambda x, y: 0.12 + 0.86 * (y - top) / tall + 0 * x, table)
    canvas.paint(spill, mix(p.accent, p.glow, 0.55), mode="screen", opacity=0.95, top=floor)
    canvas.paint(
        lambda x, y: canvas.edge(opening(x, y)), light, top=top - 0.01, bottom=floor + 0.01
    )
    sun_y = floor - tall * scene.between(0.3, 0.62)
    sun = disc(cx, sun_y, half * scene.between(0.42, 0.62))
    canvas.paint(
        lambda x, y: canvas.edge(np.minimum(sun(x, y), opening(x, y))), mix(p.glow, p.paper, 0.6)
    )
    _figure(scene, cx + half * scene.between(-0.35, 0.35), floor + 0.012, tall * 0.2)
    canvas.paint(glow(cx, floor - tall * 0.4, 0.2), p.key, mode="screen", opacity=0.22)
    bloom(canvas, threshold=0.55, reach=0.02, strength=0.55)
    return Drawn(
        (HEAD_LEFT, HEAD_CENTRE, FOOT_LEFT, HEAD_RIGHT), _inks(scene), (cx, floor - tall / 2)
    )


def _figure(scene: Scene, x0: float, foot: float, height: float) -> None:
    """A standing person, small: head, coat, two legs, and a shadow towards us."""
    canvas, ink = scene.canvas, shade(scene.palette.night, 0.07)
    head = disc(x0, foot - height * 0.91, height * 0.085)

    def body(x: Array, y: Array) -> Array:
        up = (foot - y) / height
        coat = height * (0.17 - 0.10 * np.clip((up - 0.35) / 0.45, 0, 1))
        coat_d = np.minimum(coat - np.abs(x - x0), np.minimum(up - 0.34, 0.8 - up) * height)
        leg = np.abs(np.abs(x - x0) - height * 0.06)
        leg_d = np.minimum(height * 0.045 - leg, np.minimum(up, 0.4 - up) * height)
        return np.maximum(np.maximum(coat_d, leg_d), head(x, y))

    canvas.paint(
        lambda x, y: canvas.edge(body(x, y)), ink, top=foot - height * 1.1, bottom=foot + 0.01
    )

    def shadow(x: Array, y: Array) -> Array:
        depth = np.maximum(y - foot, 0)
        width = height * (0.13 + 0.5 * depth)
        fade = np.exp(-depth / (height * 0.9)) * (y >= foot)
        return soft_step(-1, 1, (width - np.abs(x - x0)) / (0.003 + 0.15 * depth)) * fade

    canvas.paint(shadow, ink, opacity=0.85, top=foot)


def far_peaks(scene: Scene) -> Drawn:
    """Mountains behind mountains, mist between them, a sun that is far away."""
    p, canvas = scene.palette, scene.canvas
    hour, table = _sky_table(scene)
    cx, cy = 0.5 + scene.side() * scene.between(0.04, 0.24), scene.between(0.34, 0.5)
    radius = scene.between(0.1, 0.19)
    _paint_sky(scene, table, 0.72, (cx, cy), radius * 2.2)
    stars(canvas, scene.rng, p.paper, count=120, bottom=0.5)
    sun = ramp((mix(p.glow, p.paper, 0.7), p.glow, p.accent))
    body = disc(cx, cy, radius)
    canvas.paint(
        lambda x, y: canvas.edge(body(x, y)),
        table_ink(lambda x, y: (y - cy + radius) / (2 * radius) + 0 * x, sun),
    )
    layers = 5
    first = scene.between(0.5, 0.58)
    tilt = scene.between(-0.16, 0.16)
    for index in range(layers):
        depth = index / (layers - 1)
        _ridge(scene, first + (0.92 - first) * depth**1.1, depth, (cx, tilt))
    bloom(canvas, threshold=0.62, reach=0.016, strength=0.4)
    vignette(canvas, 0.35)
    return Drawn((HEAD_LEFT, HEAD_CENTRE, FOOT_LEFT, FOOT_CENTRE), _inks(scene), (cx, cy))


def _ridge(scene: Scene, base: float, depth: float, light: tuple[float, float]) -> None:
    p, canvas = scene.palette, scene.canvas
    sharp = 0.42 + 0.06 * scene.feeling.arousal
    line = curve(scene.seed(), 2.2 + 1.3 * (1 - depth), 7, sharp)
    amplitude = 0.11 + 0.04 * depth
    tilt = light[1] * (1 - 2 * (scene.rng.random() < 0.5))

    def height(x: Array) -> Array:
        # Folding the noise makes crests where it changes sign.
        return base - amplitude * (1.0 - 1.6 * np.abs(line(x))) + tilt * (x - 0.5)

    crest = shade(p.key, 0.5 * (1 - depth) ** 0.8 + 0.1, 1 - 0.5 * depth)
    foot = shade(mix(p.key, p.glow, 0.25), 0.68 * (1 - depth) ** 0.7 + 0.17, 0.9 - 0.3 * depth)
    table = ramp((crest, mix(crest, foot, 0.5), foot))

    def below(x: Array, y: Array) -> Array:
        return y - height(x)

    canvas.paint(
        lambda x, y: canvas.edge(below(x, y)),
        table_ink(lambda x, y: (y - base + amplitude) / 0.26 + 0 * x, table),
    )
    canvas.paint(
        lambda x, y: (
            np.exp(-np.abs(below(x, y)) / 0.0016)
            * np.exp(-np.abs(x - light[0]) / 0.22)
            * (1 - 0.7 * depth)
        ),
        p.glow,
        mode="screen",
        opacity=0.6,
    )


def folded_light(scene: Scene) -> Drawn:
    """Sheets of light folded over each other: one sharp edge, one soft."""
    p, canvas = scene.palette, scene.canvas
    _, table = _sky_table(scene)
    canvas.paint(1.0, table_ink(lambda x, y: 0.1 * y + 0 * x, table))
    count = int(scene.rng.integers(5, 8))
    angle = scene.side() * scene.between(0.15, 0.95)
    ca, sa = np.cos(angle), np.sin(angle)
    swing = 0.075 + 0.035 * scene.feeling.arousal
    rise = scene.between(0.1, 0.24)
    for index in range(count):
        t = index / (count - 1)
        start = rise + (1.02 - rise) * t
        wave = curve(scene.seed(), scene.between(0.9, 1.7), 2, 0.3)
        reach = scene.between(0.16, 0.34)
        peak = scene.between(0.55, 1.0) if index % 2 == 0 else scene.between(0.3, 0.7)

        def along(
            x: Array, y: Array, start: float = start, wave: Callable[[Array], Array] = wave
        ) -> Array:
            u = (x - 0.5) * ca + (y - 0.5) * sa + 0.5
            v = -(x - 0.5) * sa + (y - 0.5) * ca + 0.5
            return v - start - swing * wave(np.clip(u, -0.2, 1.2))

        def sheet(
            x: Array,
            y: Array,
            along: Callable[[Array, Array], Array] = along,
            peak: float = peak,
            reach: float = reach,
        ) -> Array:
            d = np.maximum(along(x, y), 0)
            lip = 0.1 * np.exp(-d / 0.012)
            return np.clip(peak * np.exp(-d / reach) + lip + 0.03, 0, 1)

        def shadow(x: Array, y: Array, along: Callable[[Array, Array], Array] = along) -> Array:
            return np.exp(-np.maximum(-along(x, y), 0) / 0.05)

        canvas.paint(shadow, shade(p.night, 0.08), opacity=0.55)
        canvas.paint(lambda x, y, along=along: canvas.edge(along(x, y)), table_ink(sheet, table))
    bloom(canvas, threshold=0.66, reach=0.02, strength=0.35)
    return Drawn((HEAD_LEFT, FOOT_LEFT, HEAD_RIGHT, HEAD_CENTRE), _inks(scene))


def orbits(scene: Scene) -> Drawn:
    """Discs inside discs, each lit from another side."""
    p, canvas = scene.palette, scene.canvas
    _, table = _sky_table(scene)
    canvas.paint(1.0, table_ink(lambda x, y: 0.16 * (1 - y) + 0.04 + 0 * x, table))
    low = scene.rng.random() < 0.5
    cx, cy = scene.between(0.3, 0.7), scene.between(0.6, 0.68) if low else scene.between(0.34, 0.42)
    drift = scene.between(0, 2 * np.pi)
    count = int(scene.rng.integers(4, 7))
    outer = scene.between(0.4, 0.56)
    turn = scene.between(0, 2 * np.pi)
    for index in range(count):
        t = index / (count - 1)
        radius = outer * (1 - t) ** 1.05 + 0.055
        x0 = cx + np.cos(drift) * 0.13 * t * outer / 0.5
        y0 = cy + np.sin(drift) * 0.13 * t * outer / 0.5
        turn += scene.between(1.9, 3.2)
        ring = disc(x0, y0, radius)
        bright = 0.35 + 0.65 * t

        def value(
            x: Array,
            y: Array,
            x0: float = x0,
            y0: float = y0,
            radius: float = radius,
            turn: float = turn,
            bright: float = bright,
        ) -> Array:
            across = ((x - x0) * np.cos(turn) + (y - y0) * np.sin(turn)) / (2 * radius) + 0.5
            return 0.03 + bright * np.clip(across, 0, 1) ** 1.5

        canvas.paint(
            lambda x, y, ring=ring: np.exp(-np.maximum(-ring(x, y - 0.012), 0) / 0.035),
            BLACK + shade(p.night, 0.07),
            opacity=0.5,
        )
        canvas.paint(lambda x, y, ring=ring: canvas.edge(ring(x, y)), table_ink(value, table))
    bloom(canvas, threshold=0.62, reach=0.02, strength=0.45)
    vignette(canvas, 0.3, (cx, cy))
    return Drawn(
        (HEAD_LEFT, HEAD_RIGHT) if low else (FOOT_LEFT, FOOT_CENTRE), _inks(scene), (cx, cy)
    )


COMPOSERS: Mapping[Composition, Callable[[Scene], Drawn]] = MappingProxyType(
    {
        Composition.LOW_SUN: low_sun,
        Composition.ECLIPSE: eclipse,
        Composition.DOORWAY: doorway,
        Composition.FAR_PEAKS: far_peaks,
        Composition.FOLDED_LIGHT: folded_light,
        Composition.ORBITS: orbits,
    }
)
SUITS: Mapping[Composition, frozenset[Motif]] = MappingProxyType(
    {
        Composition.LOW_SUN: frozenset({Motif.SUN, Motif.SEA}),
        Composition.ECLIPSE: frozenset({Motif.MOON, Motif.STARS}),
        Composition.DOORWAY: frozenset({Motif.WINDOW, Motif.CITY}),
        Composition.FAR_PEAKS: frozenset({Motif.MOUNTAINS, Motif.SUN}),
        Composition.FOLDED_LIGHT: frozenset({Motif.SEA}),
        Composition.ORBITS: frozenset({Motif.MOON}),
    }
)
