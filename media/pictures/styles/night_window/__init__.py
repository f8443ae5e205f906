"""Rooms and windows after dark: for slow beats, rain and homework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.art import Composition, Motif
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.night_window.facade import one_lit_window
from media.pictures.styles.night_window.night_train import night_train
from media.pictures.styles.night_window.rain_lights import rain_lights
from media.pictures.styles.night_window.still_life import still_life
from media.pictures.styles.night_window.sunbeam import sunbeam

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
