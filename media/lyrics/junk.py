"""What must never stand in a lyric: the litter of language models and of the web."""

from __future__ import annotations

import re
from collections.abc import Sequence

from media.lyrics.overlap import stutters
from media.lyrics.words import FUNCTION_WORDS, word_set, words_in

PROFANITY = word_set(
    "fuck fucks fucked fucking fucker motherfucker shit shits shitty bullshit cunt cunts "
    "bitch bitches asshole dick dicks cock pussy whore slut nigger nigga faggot fag retard"
)
_LITTER: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a web address", re.compile(r"https?:|www\.|\b[\w-]+\.(com|org|net|io|ly|me)\b", re.I)),
    ("a hashtag or mention", re.compile(r"(^|\s)[#@]\w")),
    ("digits", re.compile(r"\d")),
    ("markup or code", re.compile(r"[<>{}\[\]|\\_*`=~^]|```")),
    (
        "words about the task",
        re.compile(
            r"\b(as an ai|language model|prompt|sure,? here|here('s| is| are) (a|the|your)|"
            r"lyrics?:|verse ?:|chorus ?:|title ?:|line ?:|rhyme scheme|syllables?|copyright|"
            r"instructions?|assistant|user ?:|output ?:|json|subscribe|click here)\b",
            re.I,
        ),
    ),
    ("a section label", re.compile(r"^\s*\(?(verse|chorus|bridge|intro|outro)\b\s*\W*$", re.I)),
)
# Letters of other scripts, and the accents English does not use.
_FOREIGN = re.compile(r"[^\x00-\x7fàâçèéêëïôöûü‘’“”–—…]")
_COMMON_FOREIGN = word_set(
    "el los las una que por para con esta como pero muy est les des une dans avec pour je tu "
    "nous vous und der das nicht ich ist ein eine mit auf wir sie della che non sono nel"
)


def junk_in(line: str, language: str = "en") -> str | None:
    """Say what is wrong with a line, or None when it is clean.

    Only English lines are held to English letters and small words.
    """
    words = words_in(line.lower())
    if not words:
        return "no words"
    for what, pattern in _LITTER:
        if pattern.search(line):
            return what
    if any(word in PROFANITY for word in words):
        return "profanity"
    if language == "en" and (_FOREIGN.search(line) or is_foreign(words)):
        return "words of another language"
    if stutters(line):
        return "repeated words"
    return None


def is_foreign(words: Sequence[str]) -> bool:
    """True when words of other languages outnumber English function words."""
    foreign = sum(word in _COMMON_FOREIGN for word in words)
    english = sum(word in FUNCTION_WORDS for word in words)
    return foreign >= 2 and foreign > english
