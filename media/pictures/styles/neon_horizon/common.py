"""Skies, inks and places for letters that all luminous pictures share."""

from __future__ import annotations

from media.pictures.canvas import plane_field, table_ink
from media.pictures.colour import Array, ramp, shade
from media.pictures.fields import clip, glow
from media.pictures.noise import fbm
from media.pictures.scene import Scene, lean
from media.pictures.typeset import MARGIN, Area, Lockup

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


def sky_table(scene: Scene) -> tuple[str, Array]:
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


def light_inks(scene: Scene) -> tuple[Array, ...]:
    """Inks for a dark plate, the preferred one first."""
    p = scene.palette
    return (p.paper, p.glow, shade(p.night, 0.1))


def paint_sky(
    scene: Scene, table: Array, horizon: float, light: tuple[float, float], reach: float
) -> None:
    """Paint the sky down to the horizon: a gradient, drifting clouds, a halo around the light."""
    clouds = fbm(scene.seed(), 2.2, 4, 400, stretch=3.5)
    cloud = plane_field(clouds)
    halo = glow(*light, reach, squash=1.25)
    bend = scene.between(1.1, 1.9)

    def value(x: Array, y: Array) -> Array:
        height = clip(y / horizon, 0, 1.2) ** bend
        drift = (cloud(x, y) - 0.5) * 0.17
        return 0.03 + 0.62 * height + 0.34 * halo(x, y) + drift * (0.3 + height)

    scene.canvas.paint(1.0, table_ink(value, table), bottom=horizon + 0.02)
