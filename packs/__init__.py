"""Genre packs: one YAML file each in `genres/`, read as data and validated when loaded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from domain.errors import InvalidInput
from domain.genre import GenrePack
from packs.overrides import overridden

__all__ = ["SOUND_FONT", "load_pack", "overridden", "pack_ids", "read_pack"]

FOLDER = Path(__file__).parent
GENRES = FOLDER / "genres"
SOUND_FONT = FOLDER / "soundfonts" / "FluidR3Mono_GM.sf3"


@lru_cache(maxsize=1)
def pack_ids() -> tuple[str, ...]:
    """The ids of all packs, in alphabetical order; a new file counts from the next start on."""
    return tuple(sorted(path.stem for path in GENRES.glob("*.yaml")))


def load_pack(pack_id: str) -> GenrePack:
    """Load one pack; raises InvalidInput when there is none of that id or it is broken."""
    if pack_id not in pack_ids():
        raise InvalidInput(
            f"there is no genre pack {pack_id[:60]!r}",
            field="genre",
            remedy=f"choose one of: {', '.join(pack_ids())}",
        )
    return read_pack(GENRES / f"{pack_id}.yaml")


@lru_cache(maxsize=64)
def read_pack(path: Path) -> GenrePack:
    """Read a pack file; raises InvalidInput naming the first broken field."""
    try:
        pack = GenrePack.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "pack"
        raise InvalidInput(
            f"{path.name}: {where}: {first['msg']}", field=where, remedy="mend the pack file"
        ) from error
    except (yaml.YAMLError, OSError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read: {error}", field="genre", remedy="mend the pack file"
        ) from error
    if pack.id != path.stem:
        raise InvalidInput(
            f"{path.name} calls itself {pack.id!r}", field="id", remedy="name the file after its id"
        )
    return pack
