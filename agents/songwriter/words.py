"""Word lists of the songwriter, read from `words.yaml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "words.yaml"


@lru_cache(maxsize=1)
def word_lists() -> dict[str, tuple[str, ...]]:
    """`plain` ways to begin a line, `determiners`, and `worn` abstract words."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: tuple(str(word) for word in words) for name, words in read.items()}


def worn_in(words: list[str]) -> int:
    """How many of these lower-case words are worn out."""
    return sum(word in word_lists()["worn"] for word in words)
