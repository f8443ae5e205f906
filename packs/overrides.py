"""An artist's own version of a genre: single values of a pack replaced by dotted paths."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError

from domain.errors import InvalidInput
from domain.genre import GenrePack

Override = str | float | int | bool
FIXED = ("id", "version")


def overridden(pack: GenrePack, overrides: Mapping[str, Override]) -> GenrePack:
    """The pack with some values replaced, validated as a pack file is.

    A path names fields from the outside in: `mix.reverb_s`, `tempo_bpm.low`,
    `roles.bass.level_lufs`. Members of a list are named by their id (`forms.drive.weight`) or
    by their place from 0 (`roles.bass.effects.0.settings.hz`). Raises InvalidInput naming the
    path that leads nowhere or whose value the pack cannot take.
    """
    if not overrides:
        return pack
    data: JsonValue = pack.model_dump(mode="json")
    for path, value in overrides.items():
        _replace(data, path, value)
    try:
        return GenrePack.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = _blamed(tuple(map(str, first["loc"])), data, overrides)
        if first["type"] == "extra_forbidden":
            raise _unknown(where, data) from error
        raise InvalidInput(
            f"{pack.id} does not take {where}: {first['msg']}",
            field=f"genre_overrides.{where}",
            remedy="leave it out or give it a value that docs/genre-packs.md allows",
        ) from error


def _replace(data: JsonValue, path: str, value: Override) -> None:
    *outer, last = path.split(".")
    if not outer and last in FIXED:
        raise _lost(path, f"{last!r} says which pack this is", "override what the pack contains")
    place = data
    for name in outer:
        place = _inside(place, name, path)
    if isinstance(place, dict):
        # A new name is refused by the pack's own rules where names are fixed.
        place[last] = value
    elif isinstance(place, list):
        _inside(place, last, path)
        place[_place_in(place, last)] = value
    else:
        raise _lost(path, f"{outer[-1]!r} holds nothing", "end the path there")


def _inside(place: JsonValue, name: str, path: str) -> JsonValue:
    if isinstance(place, dict) and name in place:
        return place[name]
    if isinstance(place, list) and 0 <= _place_in(place, name) < len(place):
        return place[_place_in(place, name)]
    raise _lost(path, f"there is no {name!r}", f"use one of {', '.join(_names(place))}")


def _place_in(items: list[JsonValue], name: str) -> int:
    """Where a member of that id or number stands; -1 when there is none."""
    if name.isdecimal():
        return int(name)
    ids = [item.get("id") if isinstance(item, dict) else None for item in items]
    return ids.index(name) if name in ids else -1


def _names(place: JsonValue) -> list[str]:
    if isinstance(place, dict):
        return list(place)
    if isinstance(place, list):
        return [
            str(item["id"]) if isinstance(item, dict) and "id" in item else str(index)
            for index, item in enumerate(place)
        ]
    return ["nothing; the value has no parts"]


def _lost(path: str, reason: str, remedy: str) -> InvalidInput:
    return InvalidInput(
        f"the override {path[:80]!r} leads nowhere: {reason}",
        field=f"genre_overrides.{path[:80]}",
        remedy=remedy,
    )


def _unknown(path: str, data: JsonValue) -> InvalidInput:
    """A name that was set where names are fixed: what stands there besides it is what may be."""
    *outer, last = path.split(".")
    place = data
    for name in outer:
        place = _inside(place, name, path)
    known = [name for name in _names(place) if name != last and name not in FIXED]
    return _lost(path, f"there is no {last!r}", f"use one of {', '.join(known)}")


def _blamed(loc: tuple[str, ...], data: JsonValue, overrides: Mapping[str, Override]) -> str:
    """The override nearest to where validation failed: they share the longest beginning."""

    def shared(path: str) -> int:
        place, count = data, 0
        for name, broken in zip(path.split("."), loc, strict=False):
            at = str(_place_in(place, name)) if isinstance(place, list) else name
            if at != broken:
                break
            count += 1
            place = _inside(place, name, path)
        return count

    return max(overrides, key=shared)
