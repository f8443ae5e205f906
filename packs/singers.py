"""Singer presets: one YAML file, read as data and validated when loaded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from random import Random

import yaml
from pydantic import TypeAdapter, ValidationError

from domain.errors import InvalidInput
from domain.genre import GenrePack
from domain.singer import Singer

FILE = Path(__file__).parent / "singers.yaml"
_ANYBODY = 0.2
_SINGERS = TypeAdapter(tuple[Singer, ...])


def load_singers() -> tuple[Singer, ...]:
    """All presets in the order of the file."""
    return read_singers(FILE)


def load_singer(singer_id: str) -> Singer:
    """One preset; raises InvalidInput with the choices when there is none of that id."""
    for singer in load_singers():
        if singer.id == singer_id:
            return singer
    choices = ", ".join(singer.id for singer in load_singers())
    raise InvalidInput(
        f"there is no singer {singer_id[:60]!r}",
        field="singer",
        remedy=f"choose one of: {choices}",
    )


@lru_cache(maxsize=8)
def read_singers(path: Path) -> tuple[Singer, ...]:
    """Read a file of presets; raises InvalidInput naming the first broken field."""
    try:
        singers = _SINGERS.validate_python(
            yaml.safe_load(path.read_text(encoding="utf-8"))["singers"]
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"{path.name}: {where}: {first['msg']}", field=where, remedy="mend the file"
        ) from error
    except (yaml.YAMLError, OSError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read: {error}", field="singer", remedy="mend the file"
        ) from error
    ids = [singer.id for singer in singers]
    if not ids or len(set(ids)) != len(ids):
        raise InvalidInput(
            f"{path.name} needs singers with different ids", field="id", remedy="mend the file"
        )
    return singers


def choose_singer(seed: int, pack: GenrePack) -> Singer:
    """The singer of an artist who asked for none by name: always the same for a seed and genre.

    Singers whose range covers more of the genre's melodies are likelier; nobody is ruled out,
    because melodies are written for the singer.
    """
    singers = load_singers()
    weights = [_ANYBODY + _overlap(singer, pack) for singer in singers]
    return Random(f"singer:{seed}:{pack.id}").choices(singers, weights)[0]


def _overlap(singer: Singer, pack: GenrePack) -> float:
    """Share of the genre's vocal range that the singer has."""
    low, high = pack.vocal_range
    shared = min(high, singer.high) - max(low, singer.low)
    return max(0.0, shared / max(1, high - low))
