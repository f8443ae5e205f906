"""Draw an album cover: one idea, one title, one artist line."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from domain.art import COMPOSITIONS, ArtDirection, Composition
from domain.choice import CreativeChoice
from domain.errors import InvalidInput
from media.pictures.canvas import Canvas
from media.pictures.colour import Array, cast_palette, luminance
from media.pictures.finish import Image, develop
from media.pictures.fonts import DISPLAY, TEXT
from media.pictures.scene import Chooser, Drawn, Feeling, Scene
from media.pictures.styles.registry import compose, suits
from media.pictures.typeset import (
    Lockup,
    Placed,
    TextBox,
    choose_inks,
    fit_artist,
    fit_title,
    legibility,
    letter,
    place,
)

MIN_SIZE_PX = 64
PREFERRED_SHARE = 0.6


class CoverSpec(BaseModel):
    """What a cover is for: its words, the artist's art direction and the release's mood."""

    model_config = ConfigDict(frozen=True)

    title: str = Field(min_length=1, max_length=200)
    artist: str = Field(min_length=1, max_length=120)
    art: ArtDirection
    mood: Feeling = Feeling()


@dataclass(frozen=True, eq=False)
class Cover:
    """A finished cover, the same picture without letters, and how it came about."""

    image: Image
    plate: Image
    boxes: tuple[TextBox, ...]
    choices: tuple[CreativeChoice, ...]
    palette: tuple[str, ...]

    def chosen(self, name: str) -> str:
        """The option taken for a choice, by the choice's name."""
        for choice in self.choices:
            if choice.name == name:
                return choice.chosen
        raise InvalidInput(f"this cover made no choice called {name}", field="name")


@dataclass(frozen=True)
class Plate:
    """A drawn scene before letters and grain."""

    scene: Scene
    drawn: Drawn


def composition_weights(art: ArtDirection) -> dict[str, float]:
    """How likely each composition is: the profile's own first, then those its motifs suit."""
    own = set(art.motifs)
    weights = {c.value: 1.0 + 1.5 * len(own & suits(c)) for c in COMPOSITIONS[art.style]}
    if art.composition is not Composition.VARIED:
        others = sum(weights.values()) - weights[art.composition.value]
        weights[art.composition.value] = others * PREFERRED_SHARE / (1 - PREFERRED_SHARE)
    return weights


def draw_plate(
    art: ArtDirection,
    mood: Feeling,
    seed: int,
    size_px: int,
    composition: Composition | None = None,
) -> Plate:
    """Draw a composition, the one given or one chosen, without letters."""
    if size_px < MIN_SIZE_PX:
        raise InvalidInput(
            f"a picture of {size_px} px is too small to draw",
            field="size_px",
            remedy=f"ask for at least {MIN_SIZE_PX} px",
        )
    chooser = Chooser(seed)
    if composition is None:
        composition = Composition(chooser.pick("composition", composition_weights(art)))
    lead = chooser.pick("leading_colour", {"first": 0.5, "second": 0.3, "third": 0.2})
    palette = cast_palette(art.palette, ("first", "second", "third").index(lead))
    scene = Scene(
        canvas=Canvas(size_px, palette.night),
        palette=palette,
        rng=np.random.default_rng([seed, *composition.encode()]),
        chooser=chooser,
        feeling=mood,
        motifs=frozenset(art.motifs),
    )
    return Plate(scene, compose(composition, scene))


def draw_cover(spec: CoverSpec, seed: int, size_px: int = 3000) -> Cover:
    """Draw a square cover; the same spec, seed and size give the same pixels.

    Other sizes show the same scene; only the title's place, which is chosen by measuring
    how calm the plate is, may fall differently when two places are almost equally good.
    """
    plate = draw_plate(spec.art, spec.mood, seed, size_px)
    scene, canvas = plate.scene, plate.scene.canvas
    blocks = _lay_out(plate, spec)
    inks = choose_inks(canvas, blocks, plate.drawn.inks)
    text_free = develop(canvas, spec.art.texture, seed)
    image = text_free.copy()
    boxes = [
        box for block, ink in zip(blocks, inks, strict=True) for box in letter(image, block, ink)
    ]
    return Cover(
        image=image,
        plate=text_free,
        boxes=tuple(boxes),
        choices=tuple(scene.chooser.made),
        palette=scene.palette.hexes(),
    )


def _lay_out(plate: Plate, spec: CoverSpec) -> tuple[Placed, Placed]:
    """Set the words in every place the plate offers and choose among those that read well."""
    small = plate.scene.canvas.small(600)
    light = luminance(cv2.resize(small, (96, 96), interpolation=cv2.INTER_AREA)) ** 0.5
    artist = fit_artist(spec.artist, TEXT[spec.art.text_typeface])
    layouts, weights = {}, {}
    for lockup in plate.drawn.lockups:
        title = fit_title(spec.title, DISPLAY[spec.art.display_typeface], lockup)
        layouts[lockup.name] = place(title, artist, lockup)
        ease = min(legibility(small, block, plate.drawn.inks) for block in layouts[lockup.name])
        weights[lockup.name] = _calmness(light, lockup) * (1.0 if ease >= 1 else 0.02 * ease**4)
    return layouts[plate.scene.chooser.pick("lockup", weights)]


def _calmness(light: Array, lockup: Lockup) -> float:
    side, area = light.shape[0], lockup.area
    middle = {"top": 0.3, "middle": 0.5, "bottom": 0.7}[lockup.down]
    centre = area.top + (area.bottom - area.top) * middle
    rows = slice(int((centre - 0.12) * side), int((centre + 0.12) * side))
    part = light[rows, int(area.left * side) : int(area.right * side)]
    return float(np.exp(-9 * part.std()) + 1e-3)
