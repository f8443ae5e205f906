"""From a brief and a genre pack to a score: `compose`."""

from media.compose.composer import compose

__all__ = ["compose"]
