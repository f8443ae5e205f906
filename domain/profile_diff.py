"""What is different between two versions of a profile, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.profile import Profile


class Difference(BaseModel):
    """One field that changed; None where it was not there."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Path of the field, such as `voice.vocabulary`.")
    before: Any = None
    after: Any = None


def differences(before: Profile, after: Profile) -> list[Difference]:
    """Every field whose value is another one, in the order of the profile; lists count as one."""
    old, new = (p.model_dump(mode="json", by_alias=True) for p in (before, after))
    return list(_within("", old, new))


def _within(place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        was, will = old.get(name), new.get(name)
        path = f"{place}.{name}" if place else name
        if isinstance(was, dict) and isinstance(will, dict):
            yield from _within(path, was, will)
        elif was != will:
            yield Difference(field=path, before=was, after=will)
