"""The key of a render: a digest of all that decides what comes out of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pydantic_core
from pydantic import BaseModel

from domain.ports.providers import Capabilities
from tools.vendors.embedded.job import Bench

ROOT = Path(__file__).resolve().parents[3]
# What the engines are made of; a change anywhere in there makes other songs.
CODE = ("media", "packs", "domain", "tools/vendors/embedded")
DIGESTS = 4096
READ = (".py", ".json", ".yaml", ".yml", ".toml", ".txt")


def render_key(maker: Capabilities, bench: Bench, request: BaseModel) -> str:
    """The request with files by their content, the engine, its code and its sound font."""
    asked = {
        "maker": f"{maker.name}@{maker.version}",
        "code": code_digest(),
        "soundfont": _content(bench.soundfont),
        "request": _by_content(request.model_dump(mode="python")),
    }
    plain = pydantic_core.to_jsonable_python(asked)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


@cache
def code_digest() -> str:
    """A digest of the engines' code and data."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for folder in CODE:
        yield from sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in READ)


def _by_content(value: Any) -> Any:
    if isinstance(value, Path):
        return _content(value)
    if isinstance(value, dict):
        return {name: _by_content(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_by_content(part) for part in value]
    return value


def _content(path: Path) -> str:
    """A file's digest; one that is missing is the job's to tell."""
    try:
        status = path.stat()
    except OSError:
        return f"missing {path}"
    return _digest(path, status.st_mtime_ns, status.st_size)


@lru_cache(DIGESTS)
def _digest(path: Path, _mtime_ns: int, _size: int) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
