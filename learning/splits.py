"""Split cases into training, validation and an untouched test set, by group and for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

from domain.errors import InvalidInput
from learning.intervals import Frozen

Part = Literal["training", "validation", "test"]
SHARES = (0.5, 0.25, 0.25)
_SPACE = 2**64


class Split(Frozen):
    """Identifiers of items in each part, in the order they were given."""

    training: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


def part_of(group: str, *, seed: int, shares: tuple[float, float, float] = SHARES) -> Part:
    """The part a group belongs to, by a hash: it never moves when other groups come or go."""
    if min(shares) <= 0 or abs(sum(shares) - 1.0) > 1e-9:
        raise InvalidInput(
            "the three shares must be above zero and add up to one",
            field="shares",
            remedy="try 0.5, 0.25, 0.25",
        )
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / _SPACE
    if place < shares[0]:
        return "training"
    return "validation" if place < shares[0] + shares[1] else "test"


def split(
    groups: Mapping[str, str], *, seed: int, shares: tuple[float, float, float] = SHARES
) -> Split:
    """Split items, given with their groups; a group is never torn apart.

    Shares are met on average only, and never by moving an item that was placed before. Raises
    InvalidInput when a part stays empty.
    """
    parts: dict[Part, list[str]] = {"training": [], "validation": [], "test": []}
    for item, group in groups.items():
        parts[part_of(group, seed=seed, shares=shares)].append(item)
    empty = [name for name, items in parts.items() if not items]
    if empty:
        raise InvalidInput(
            f"{len(set(groups.values()))} groups leave no item for {' and '.join(empty)}",
            field="groups",
            remedy="add cases of other groups, or choose another seed before anything was run",
        )
    return Split(**{name: tuple(items) for name, items in parts.items()})
