"""Finds what a song is about, then writes its words."""

from agents.songwriter.budget import NO_REWRITES, RewriteBudget
from agents.songwriter.conceive import conceive
from agents.songwriter.write import lyric_sources, write_lyrics

__all__ = ["NO_REWRITES", "RewriteBudget", "conceive", "lyric_sources", "write_lyrics"]
