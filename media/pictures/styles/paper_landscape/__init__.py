"""Landscapes of layered cut paper: for wood, strings and weather."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.art import Composition, Motif
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.paper_landscape.branch import branch
from media.pictures.styles.paper_landscape.cutout import cutout
from media.pictures.styles.paper_landscape.hills import hills
from media.pictures.styles.paper_landscape.lone_house import lone_house
from media.pictures.styles.paper_landscape.pines import pines
from media.pictures.styles.paper_landscape.river import river

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
