"""Words that rhyme with a line, to be hinted at: a model cannot hear, but it can take a word."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from media.lyrics.rhyme import rhyme_score
from media.lyrics.scorers.repetition import last_word
from media.lyrics.scorers.rhyming import PERFECT

_FILE = Path(__file__).parent.parent / "data" / "rhyme_words.yaml"
_NEAR = 0.6


@lru_cache(maxsize=1)
def ending_words() -> tuple[str, ...]:
    """Plain words that lines can end on."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(word for row in rows for word in str(row).split()))


@lru_cache(maxsize=4096)
def rhymes_for(line: str) -> tuple[str, ...]:
    """Plain words that rhyme with a line's last word, perfect ones first; often none."""
    end = last_word(line)
    scored = [(rhyme_score(end, word), word) for word in ending_words() if word != end]
    near = sorted((item for item in scored if item[0] >= _NEAR), key=lambda item: -item[0])
    perfect = tuple(word for score, word in near if score >= PERFECT)
    return perfect or tuple(word for _, word in near[:6])
