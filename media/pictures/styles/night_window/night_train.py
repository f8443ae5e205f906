"""A carriage window, the evening going past."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from media.pictures.canvas import plane_field, table_ink
from media.pictures.colour import Array, mix, ramp, shade
from media.pictures.fields import Field, clip, disc, rounded, soft_step
from media.pictures.finish import bloom
from media.pictures.noise import Curve, curve, fbm
from media.pictures.scene import Drawn, Scene, lean
from media.pictures.styles.night_window.common import (
    FOOT_CENTRE,
    FOOT_LEFT,
    HEAD_CENTRE,
    HEAD_LEFT,
    light_inks,
    paint_wall,
)

ONES = np.ones(3, np.float32)
Put = Callable[..., None]


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
    paint_wall(scene, shade(wall, 0.15), shade(wall, 0.25), (0.5, (top + bottom) / 2))
    rim = rounded(left - 0.022, top - 0.022, right + 0.022, bottom + 0.022, corner + 0.022)
    canvas.paint(canvas.shape(rim), mix(p.deep, p.accent, 0.3))
    lip = rounded(left - 0.006, top - 0.006, right + 0.006, bottom + 0.006, corner + 0.006)
    canvas.paint(canvas.shape(lip), shade(p.night, 0.1))
    _view(scene, rounded(left, top, right, bottom, corner), (top, bottom), horizon, (cx, cy))
    canvas.paint(
        lambda x, y: (
            np.exp(-np.abs(rim(x, y)) / 0.0014)
            * clip(2 * (bottom - y) / (bottom - top) - 0.6, 0, 1)
        ),
        p.paper,
        mode="screen",
        opacity=0.25,
    )
    bloom(canvas, threshold=0.62, reach=0.016, strength=0.4)
    lockups = (HEAD_LEFT, HEAD_CENTRE) if up else (FOOT_LEFT, FOOT_CENTRE)
    return Drawn(lockups, light_inks(scene), (cx, (top + bottom) / 2))


def _view(
    scene: Scene, pane: Field, span: tuple[float, float], horizon: float, moon: tuple[float, float]
) -> None:
    """What goes past behind the pane, from the sky to the glints on the glass."""
    canvas = scene.canvas
    top, bottom = span

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

    _sky(scene, put, top, horizon)
    _moon(scene, put, moon)
    _ridges(scene, put, horizon, bottom)
    _village(scene, put, horizon, bottom)
    _wires(scene, put, top)
    _glints(scene, put, bottom)


def _sky(scene: Scene, put: Put, top: float, horizon: float) -> None:
    """Dusk or late evening, with a little drift of haze."""
    p = scene.palette
    warm = (
        scene.chooser.pick("hour", {"dusk": lean(1.2, 0.5, scene.feeling.valence), "late": 1.0})
        == "dusk"
    )
    sky = ramp(
        (p.deep, mix(p.deep, p.accent, 0.6), p.accent, p.key, p.glow)
        if warm
        else (p.night, p.deep, mix(p.deep, p.accent, 0.7), p.accent)
    )
    drift = plane_field(fbm(scene.seed(), 2.0, 4, 300, stretch=5.0))
    put(
        lambda x, y: np.ones((y.shape[0], x.shape[1]), np.float32),
        table_ink(
            lambda x, y: 0.05 + 0.9 * (y - top) / (horizon - top) + 0.22 * (drift(x, y) - 0.5),
            sky,
        ),
    )


def _moon(scene: Scene, put: Put, moon: tuple[float, float]) -> None:
    p = scene.palette
    body = disc(*moon, scene.between(0.05, 0.085))
    put(lambda x, y: np.exp(-np.maximum(-body(x, y), 0) / 0.07), mix(p.glow, p.paper, 0.5), 0.35)
    put(scene.canvas.shape(body), mix(p.paper, p.glow, 0.3))


def _ridges(scene: Scene, put: Put, horizon: float, bottom: float) -> None:
    """Three rows of hills, the nearest the darkest."""
    p = scene.palette
    for depth in (0.0, 0.5, 1.0):
        line = curve(scene.seed(), 2.4 - 0.8 * depth, 3, 0.35)
        base = horizon + (bottom - horizon) * 0.38 * depth
        colour = mix(mix(p.accent, p.deep, 0.45), shade(p.night, 0.12), depth)
        put(scene.canvas.shape(_hills(line, base, 0.045 - 0.015 * depth)), colour)


def _wires(scene: Scene, put: Put, top: float) -> None:
    """Three sagging cables and the mast that carries them."""
    canvas, ink = scene.canvas, shade(scene.palette.night, 0.12)
    sag, mast = scene.between(0.035, 0.07), scene.between(0.2, 0.8)
    for wire in range(3):
        start = top + 0.05 + 0.035 * wire

        def cable(x: Array, y: Array, start: float = start) -> Array:
            phase = ((x - mast) / 0.62) % 1.0
            away = np.abs(y - start - sag * 4 * phase * (1 - phase))
            return np.asarray(0.0011 - away, np.float32)

        put(canvas.shape(cable), ink, 0.85)
    put(lambda x, y: canvas.edge(np.minimum(0.0035 - np.abs(x - mast), y - top - 0.03)), ink)
    put(
        lambda x, y: canvas.edge(
            np.minimum(0.03 - np.abs(x - mast), 0.002 - np.abs(y - top - 0.05))
        ),
        ink,
    )


def _glints(scene: Scene, put: Put, bottom: float) -> None:
    """Two slanted reflections of the lamp in the carriage."""
    slope = scene.between(0.3, 0.6)
    put(
        lambda x, y: soft_step(0.0, 0.02, 0.05 - np.abs(x - 0.3 - slope * (bottom - y))) * 0.09,
        ONES,
    )
    put(
        lambda x, y: soft_step(0.0, 0.01, 0.014 - np.abs(x - 0.39 - slope * (bottom - y))) * 0.08,
        ONES,
    )


def _hills(line: Curve, base: float, height: float) -> Field:
    return lambda x, y: y - base + height * line(x)


def _village(scene: Scene, put: Put, horizon: float, bottom: float) -> None:
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
