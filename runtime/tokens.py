"""Token counts offline: tiktoken fed from the rank files that `bpe-openai` ships."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import tiktoken
from platformdirs import user_cache_path

from domain.errors import PartMissing

_URL = "https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
_SHA256 = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
_OLDER_MODELS = ("gpt-4-", "gpt-3.5", "text-embedding-")


def estimate_tokens(text: str) -> int:
    """A quick guess that leans high for English: three bytes of UTF-8 a token."""
    return -(-len(text.encode()) // 3)


def count_tokens(text: str, model: str = "gpt-4o", cache_dir: Path | None = None) -> int:
    """Count tokens as `model`'s vocabulary splits them; other families count by o200k."""
    name = "cl100k_base" if model == "gpt-4" or model.startswith(_OLDER_MODELS) else "o200k_base"
    folder = cache_dir or user_cache_path("greenroom")
    return len(_encoding(name, folder / "tiktoken").encode(text, disallowed_special=()))


@lru_cache(maxsize=4)
def _encoding(name: str, folder: Path) -> tiktoken.Encoding:
    _place_ranks(name, folder)
    # tiktoken reads this variable when it opens a vocabulary and has no argument for it.
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    try:
        return tiktoken.get_encoding(name)
    finally:
        if before is None:
            del os.environ["TIKTOKEN_CACHE_DIR"]
        else:
            os.environ["TIKTOKEN_CACHE_DIR"] = before


def _place_ranks(name: str, folder: Path) -> None:
    """Unpack one rank file to where tiktoken looks for its download."""
    target = folder / hashlib.sha1(_URL.format(name=name).encode()).hexdigest()
    if target.exists():
        return
    # Found, not imported: only the data is wanted.
    spec = find_spec("bpe_openai")
    if spec is None or spec.origin is None:
        raise _missing(name)
    packed = Path(spec.origin).parent / "data" / f"{name}.tiktoken.gz"
    ranks = gzip.decompress(packed.read_bytes())
    if hashlib.sha256(ranks).hexdigest() != _SHA256[name]:
        raise _missing(name)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as part:
        part.write(ranks)
    Path(part.name).replace(target)


def _missing(name: str) -> PartMissing:
    return PartMissing(
        f"The token vocabulary {name} is missing or damaged.",
        remedy="Reinstall the environment from its lock.",
    )
