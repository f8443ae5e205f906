"""Luminous gradients, a horizon, one light: for synthesisers at night."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.art import Composition, Motif
from media.pictures.scene import Drawn, Scene
from media.pictures.styles.neon_horizon.doorway import doorway
from media.pictures.styles.neon_horizon.eclipse import eclipse
from media.pictures.styles.neon_horizon.far_peaks import far_peaks
from media.pictures.styles.neon_horizon.folded_light import folded_light
from media.pictures.styles.neon_horizon.low_sun import low_sun
from media.pictures.styles.neon_horizon.orbits import orbits

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
