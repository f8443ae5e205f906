"""The hook: whether the chorus begins or ends with the words of the title."""

from __future__ import annotations

from collections.abc import Sequence

from media.lyrics.scorers.lexicon import wanted_in
from media.lyrics.words import FUNCTION_WORDS, words_in


def hook_places(chorus: Sequence[str]) -> tuple[int, ...]:
    """The lines a hook stands in: the first and the last of the chorus."""
    return tuple(dict.fromkeys((0, len(chorus) - 1)))


def title_share(line: str, title: str) -> float:
    """Share of the title's content words a line says; all words count where it has none."""
    words = words_in(title.lower())
    content = [w for w in words if w not in FUNCTION_WORDS] or words
    return len(wanted_in(line, content)) / len(content) if content else 0.0


def hook_share(chorus: Sequence[str], title: str) -> float:
    """How much of the title the first or last line of a chorus carries, 0 to 1."""
    return max((title_share(chorus[at], title) for at in hook_places(chorus)), default=0.0)
