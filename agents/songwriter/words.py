"""Word lists of the songwriter, read from `words.yaml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "words.yaml"


@lru_cache(maxsize=1)
def word_lists() -> dict[str, tuple[str, ...]]:
    """`plain` ways to begin a line, and `determiners`."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: tuple(str(word) for word in words) for name, words in read.items()}
