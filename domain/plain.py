"""Text as people meant it: normalised, without characters that only machines see."""

from __future__ import annotations

import unicodedata

# Joiners hold emoji and the letters of several scripts together.
_JOINERS = "\u200c\u200d"


def plain_text(text: str) -> str:
    """Normalise to NFC, keep line breaks, make every other space a plain one, drop controls.

    Dropped are control and formatting characters, such as NUL and those that reverse the
    direction of what follows; joiners stay. Outer white space goes.
    """
    broken = "\n".join(unicodedata.normalize("NFC", text).splitlines())
    return "".join(_kept(ch) for ch in broken).strip()


def plain_line(text: str) -> str:
    """The same on one line, with single spaces."""
    return " ".join(plain_text(text).split())


def _kept(ch: str) -> str:
    if ch == "\n" or ch in _JOINERS:
        return ch
    if ch.isspace():
        return " "
    return ch if ch.isprintable() else ""
