"""Repetition inside a text and copying between texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from media.lyrics.words import FUNCTION_WORDS, words_in


def _lower_words(text: str) -> list[str]:
    return words_in(text.lower())


def word_overlap(first: str, second: str) -> float:
    """Share of the content words two lines have in common (Jaccard), 0 to 1."""
    a = {w for w in _lower_words(first) if w not in FUNCTION_WORDS}
    b = {w for w in _lower_words(second) if w not in FUNCTION_WORDS}
    return len(a & b) / len(a | b) if a | b else 0.0


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """All runs of `length` words in a text."""
    words = _lower_words(text)
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def shares_run(line: str, texts: Iterable[str], length: int) -> bool:
    """True when `length` words in a row of the line stand in one of the texts."""
    wanted = runs(line, length)
    return bool(wanted) and any(wanted & runs(text, length) for text in texts)


def vocabulary_share(lines: Sequence[str]) -> float:
    """Different content words per content word; low when a text turns in circles."""
    words = [w for line in lines for w in _lower_words(line) if w not in FUNCTION_WORDS]
    return len(set(words)) / len(words) if words else 0.0


def stutters(line: str) -> bool:
    """True when a word follows itself three times or half the line is one content word."""
    words = _lower_words(line)
    if any(a == b == c for a, b, c in zip(words, words[1:], words[2:], strict=False)):
        return True
    content = [w for w in words if w not in FUNCTION_WORDS]
    return len(content) >= 4 and max(content.count(w) for w in content) * 2 >= len(content)
