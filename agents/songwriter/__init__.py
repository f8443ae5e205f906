"""Finds what a song is about, then writes its words."""

from agents.songwriter.conceive import conceive
from agents.songwriter.write import write_lyrics

__all__ = ["conceive", "write_lyrics"]
