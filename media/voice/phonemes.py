"""The sounds of a sung line: words become phones, one vowel for every note of the score.

Pronunciations come in the alphabet of `media.lyrics.words.pronounce` and leave in the alphabet the
voice was trained on. Consonants between two vowels go to the later one as far as English lets
a syllable begin with them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from domain.score import LyricLine
from media.lyrics.words import VOWELS, pronounce, word_set, words_in

Place = Literal["onset", "vowel", "glide", "coda"]

# A diphthong is held on its first sound and closed by its second.
_VOWEL_SOUNDS: dict[str, tuple[str, str]] = {
    "A": ("e", "ɪ"), "I": ("a", "ɪ"), "O": ("o", "ʊ"), "W": ("a", "ʊ"), "Y": ("ɔ", "ɪ"),
    "i": ("iː", ""), "u": ("uː", ""), "ɑ": ("ɑː", ""), "ɒ": ("ɑː", ""), "ɔ": ("ɔː", ""),
    "ɜ": ("ɜː", ""), "ᵊ": ("ə", ""), "a": ("æ", ""), "e": ("ɛ", ""), "o": ("oː", ""),
}  # fmt: skip
_CONSONANT_SOUNDS = {"ʧ": "tʃ", "ʤ": "dʒ", "T": "ɾ", "g": "ɡ", "r": "ɹ"}
_CONSONANTS = frozenset("bdfhjklmnpstvwzðŋɡɹɾʃʒθʔ") | {"tʃ", "dʒ"}
UNVOICED = frozenset({"p", "t", "k", "f", "s", "θ", "ʃ", "h", "tʃ", "ʔ"})
SONORANT = frozenset({"m", "n", "ŋ", "l", "ɹ", "w", "j", "ɾ"})
# Half of them is hiss.
BUZZING = frozenset({"z", "ʒ", "dʒ"})
_ONSETS = word_set(
    "bl bɹ dɹ dw fl fɹ ɡl ɡɹ kl kɹ kw pl pɹ sk sl sm sn sp st sw ʃɹ tɹ tw θɹ stɹ spɹ spl skɹ skw "
    "kj fj hj mj pj bj vj nj"
)
_MARKS = {"ˈ": 2, "ˌ": 1}


@dataclass(frozen=True)
class Phone:
    """One sound; `syllable` counts through the line, `stress` (0 to 2) belongs to vowels."""

    symbol: str
    place: Place
    syllable: int
    stress: int = 0
    opens_word: bool = False

    @property
    def voiced(self) -> bool:
        """Whether vocal cords can sound in it."""
        return self.symbol not in UNVOICED

    @property
    def held(self) -> bool:
        """Whether the sound carries the tone by itself: vowels and their likes."""
        return self.place in ("vowel", "glide") or self.symbol in SONORANT


@dataclass(frozen=True)
class _Sound:
    symbol: str
    closing: str = ""
    vowel: bool = False
    stress: int = 0


def line_phones(line: LyricLine) -> tuple[Phone, ...]:
    """All phones of a line; syllables are numbered as in `line.syllables`."""
    words = words_in(line.text)
    phones: list[Phone] = []
    for word, group in itertools.groupby(
        enumerate(line.syllables), key=lambda entry: entry[1].word
    ):
        places = [index for index, _ in group]
        text = words[word] if word < len(words) else "".join(
            line.syllables[i].text for i in places
        )  # fmt: skip
        phones += _word_phones(text, places[0], len(places))
    return tuple(phones)


def _word_phones(word: str, first: int, count: int) -> list[Phone]:
    sounds = _sounds(pronounce(word)) or [_Sound("ə", vowel=True)]
    # A score made by hand may ask more notes of a word than it has sounds: sing the last again.
    sounds += [sounds[-1]] * (count - len(sounds))
    nuclei = _nuclei(sounds, count)
    borders = [0, *(_border(sounds, a, b) for a, b in itertools.pairwise(nuclei)), len(sounds)]
    phones: list[Phone] = []
    for number, (start, end) in enumerate(itertools.pairwise(borders)):
        nucleus = nuclei[number]
        for place in range(start, end):
            role: Place = "onset" if place < nucleus else "vowel" if place == nucleus else "coda"
            phones += _phones(sounds[place], role, first + number)
    return [replace(phones[0], opens_word=True), *phones[1:]]


def _phones(sound: _Sound, place: Place, syllable: int) -> list[Phone]:
    made = [Phone(sound.symbol, place, syllable, sound.stress)]
    if sound.closing:
        made.append(Phone(sound.closing, "glide" if place == "vowel" else place, syllable))
    return made


def _sounds(pronunciation: str) -> list[_Sound]:
    found: list[_Sound] = []
    stress = 0
    letters = pronunciation.replace("ʔn", "tən")
    for at, letter in enumerate(letters):
        if letter in _MARKS:
            stress = _MARKS[letter]
        elif letter in VOWELS or letter == "ɜ":
            symbol, closing = _VOWEL_SOUNDS.get(letter, (letter, ""))
            if letter == "i" and not stress and at == len(letters) - 1:
                symbol = "i"
            found.append(_Sound(symbol, closing, vowel=True, stress=stress))
            stress = 0
        else:
            found.append(_Sound(_CONSONANT_SOUNDS.get(letter, letter)))
    return _rhotic([s for s in found if s.vowel or s.symbol in _CONSONANTS])


def _rhotic(sounds: list[_Sound]) -> list[_Sound]:
    """An r that closes a syllable colours the vowel before it."""
    merged: list[_Sound] = []
    for at, sound in enumerate(sounds):
        closes = at + 1 == len(sounds) or not sounds[at + 1].vowel
        if sound.symbol == "ɹ" and closes and merged and merged[-1].symbol in ("ə", "ɜː"):
            if merged[-1].symbol == "ə":
                merged[-1] = replace(merged[-1], symbol="ɚ")
            continue
        merged.append(sound)
    return merged


def _nuclei(sounds: Sequence[_Sound], count: int) -> list[int]:
    """Where the `count` notes of a word sit; surplus vowels close the last one."""
    vowels = [at for at, sound in enumerate(sounds) if sound.vowel]
    if len(vowels) < count:
        # A word without vowels hums its last sounds ("hmm").
        spare = [at for at in reversed(range(len(sounds))) if at not in vowels]
        vowels = sorted(vowels + spare[: count - len(vowels)])
    return vowels[:count]


def _border(sounds: Sequence[_Sound], nucleus: int, following: int) -> int:
    """Index of the first sound of the syllable around `following`."""
    for start in range(nucleus + 1, following):
        cluster = [sound.symbol for sound in sounds[start:following]]
        if cluster == ["ŋ"]:
            continue
        if len(cluster) == 1 or "".join(cluster) in _ONSETS:
            return start
    return following
