"""Every style's compositions in one list; a new style adds one line."""

from __future__ import annotations

from collections.abc import Callable

from domain.art import Composition, Motif
from media.pictures.scene import Drawn, Scene
from media.pictures.styles import neon_horizon, night_window, paper_landscape

_STYLES = (neon_horizon, paper_landscape, night_window)
_COMPOSERS: dict[Composition, Callable[[Scene], Drawn]] = {}
_SUITS: dict[Composition, frozenset[Motif]] = {}
for _style in _STYLES:
    _COMPOSERS.update(_style.COMPOSERS)
    _SUITS.update(_style.SUITS)


def compose(composition: Composition, scene: Scene) -> Drawn:
    """Draw a composition on the scene's canvas."""
    return _COMPOSERS[composition](scene)


def suits(composition: Composition) -> frozenset[Motif]:
    """The motifs that a composition shows by itself."""
    return _SUITS[composition]
