"""The artist's own words: those it likes to use, and those it never says."""

from __future__ import annotations

from collections.abc import Sequence

from media.lyrics.words import words_in

_ENDINGS = ("", "s", "es", "d", "ed", "ing", "'s")


def avoided_in(text: str, avoided: Sequence[str]) -> list[str]:
    """The avoided words and phrases a text says, plurals and verb forms included."""
    said = words_in(text.lower())
    return [entry for entry in avoided if _says(said, words_in(entry.lower()))]


def wanted_in(text: str, wanted: Sequence[str]) -> list[str]:
    """The words of the artist's vocabulary a text uses."""
    said = words_in(text.lower())
    return [entry for entry in wanted if _says(said, words_in(entry.lower()))]


def _says(said: Sequence[str], phrase: Sequence[str]) -> bool:
    if not phrase:
        return False
    forms = _forms(phrase[-1])
    return any(
        list(said[at : at + len(phrase) - 1]) == list(phrase[:-1])
        and said[at + len(phrase) - 1] in forms
        for at in range(len(said) - len(phrase) + 1)
    )


def _forms(word: str) -> set[str]:
    stem = word.removesuffix("e")
    doubled = f"{word}{word[-1]}"
    return {
        *(f"{word}{ending}" for ending in _ENDINGS),
        f"{stem}ing",
        f"{stem}ed",
        f"{doubled}ing",
        f"{doubled}ed",
        f"{word.removesuffix('y')}ies" if word.endswith("y") else word,
    }
