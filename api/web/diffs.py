"""What changed between two texts or two profiles, in pieces that a page can mark."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Piece = tuple[Literal["same", "gone", "new"], str]
# A word goes with the space behind it, so that neighbours change as one.
_WORDS = re.compile(r"\S+\s*|\s+")


class Change(BaseModel):
    """One field that differs."""

    model_config = ConfigDict(frozen=True)

    field: str
    pieces: tuple[Piece, ...]


def text_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The words that went and came, in order; empty where both texts are the same."""
    if before == after:
        return ()
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Piece] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[a:b])))
            continue
        if b > a:
            found.append(("gone", "".join(old[a:b])))
        if d > c:
            found.append(("new", "".join(new[c:d])))
    return tuple(found)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every field that differs, by its dotted name, in the order of `after`."""
    old, new = dict(_flat(before)), dict(_flat(after))
    return tuple(
        Change(field=name, pieces=text_diff(old.get(name, ""), new.get(name, "")))
        for name in dict.fromkeys([*new, *old])
        if old.get(name, "") != new.get(name, "")
    )


def _flat(value: Mapping[str, Any], under: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, inner in value.items():
        path = f"{under}.{name}" if under else name
        if isinstance(inner, Mapping):
            found += _flat(inner, path)
        else:
            found.append((path, _words(inner)))
    return found


def _words(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_words(one) for one in value)
    return str(value)
