"""Which language words are in, guessed from script, small words and the English lexicon."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from media.lyrics.orthography import Script, script_of
from media.lyrics.words import is_english_word, words_in

UNKNOWN = "und"  # ISO 639-2 for "undetermined".
_FILE = Path(__file__).parent / "data" / "stopwords.yaml"
_BY_SCRIPT: dict[Script, str] = {
    "cyrillic": "ru",
    "greek": "el",
    "kana": "ja",
    "hangul": "ko",
    "arabic": "ar",
    "hebrew": "he",
}
_UKRAINIAN = frozenset("іїєґ")
_PERSIAN = frozenset("پچژگ")
_DEVANAGARI = range(0x0900, 0x0980)
_THAI = range(0x0E00, 0x0E80)
# A word of the English lexicon proves less than a small word: many are names or loans.
_LEXICON_WEIGHT = 0.35
_LETTER_WEIGHT = 0.5
LEAST_SHARE = 0.15
LEAST_LEAD = 1.05


@dataclass(frozen=True, slots=True)
class _Marks:
    words: Mapping[str, frozenset[str]]
    letters: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1)
def _marks() -> _Marks:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return _Marks(
        # YAML reads a bare `no` as false.
        words={
            code: frozenset("no" if w is False else str(w) for w in found)
            for code, found in read["words"].items()
        },
        letters={code: frozenset(found) for code, found in read["letters"].items()},
    )


def language_of(lines: Sequence[str]) -> str:
    """The ISO 639-1 code of the language most of the words are in; `und` when unknown.

    Meant for a whole song or a stanza: a single short line is often `und`.
    """
    text = " ".join(lines).lower()
    script = script_of(text)
    if script is None:
        return UNKNOWN
    if script != "latin":
        return _by_script(script, text)
    words = words_in(text)
    shares = _shares(words, text)
    best, second = heapq.nlargest(2, shares.items(), key=lambda item: item[1])
    return best[0] if _is_certain(best[1], second[1]) else UNKNOWN


def _is_certain(share: float, second: float) -> bool:
    return share >= LEAST_SHARE and share >= second * LEAST_LEAD


def is_english(lines: Sequence[str]) -> bool:
    """Whether the words are English, which is what the shipped voices sing."""
    return language_of(lines) == "en"


def english_share(words: Sequence[str]) -> float:
    """Share of words that the English lexicon knows, 0 to 1."""
    return sum(is_english_word(w) for w in words) / len(words) if words else 0.0


def _shares(words: Sequence[str], text: str) -> dict[str, float]:
    """How much speaks for each language, about 0 to 1."""
    marks = _marks()
    shares: dict[str, float] = {}
    for code, known in marks.words.items():
        shares[code] = sum(word in known for word in words) / len(words)
    letters = Counter(ch for ch in text if not ch.isascii() and ch.isalpha())
    for code, own in marks.letters.items():
        found = sum(count for ch, count in letters.items() if ch in own)
        shares[code] += _LETTER_WEIGHT * min(1.0, found / len(words))
    shares["en"] += _LEXICON_WEIGHT * english_share(words)
    return shares


def _by_script(script: Script, text: str) -> str:
    letters = set(text)
    if script == "han":
        return "ja" if any("\u3040" <= ch <= "\u30ff" for ch in letters) else "zh"
    if script == "cyrillic" and letters & _UKRAINIAN:
        return "uk"
    if script == "arabic" and letters & _PERSIAN:
        return "fa"
    if script == "indic":
        codes = [ord(ch) for ch in text]
        if sum(c in _THAI for c in codes) > len(codes) / 2:
            return "th"
        return "hi" if any(c in _DEVANAGARI for c in codes) else UNKNOWN
    return _BY_SCRIPT.get(script, UNKNOWN)
