"""Finds what a song is about, then writes its words."""

from agents.songwriter.asked import Again
from agents.songwriter.budget import NO_REWRITES, RewriteBudget
from agents.songwriter.conceive import conceive
from agents.songwriter.write import check_written, language_for, lyric_sources, write_lyrics

__all__ = [
    "NO_REWRITES",
    "Again",
    "RewriteBudget",
    "check_written",
    "conceive",
    "language_for",
    "lyric_sources",
    "write_lyrics",
]
