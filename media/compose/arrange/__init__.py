"""Arrangement: what every role of the pack plays, bar by bar."""

from media.compose.arrange.arranger import arrange

__all__ = ["arrange"]
