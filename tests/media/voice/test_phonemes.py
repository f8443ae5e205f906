import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.score import LyricLine, SungSyllable
from media.lyrics.prosody import scan
from media.voice.phonemes import line_phones

WORDS = [
    "fire",
    "tired",
    "every",
    "little",
    "button",
    "rhythm",
    "strength",
    "extra",
    "singing",
    "idea",
    "azure",
    "hmm",
    "world",
    "hour",
    "the",
    "beneath",
    "Sunday's",
    "don't",
    "I'll",
    "fn",
    "zyxgh",
    "television",
    "murder",
    "onion",
    "orange",
]


def line_of(text: str, counts: dict[int, int] | None = None) -> LyricLine:
    syllables = [
        SungSyllable(text=s.text, stress=s.stress, word=s.word, note=k)
        for k, s in enumerate(scan(text))
    ]
    if counts:
        syllables = [
            SungSyllable(text="la", stress=0, word=word, note=0)
            for word, count in counts.items()
            for _ in range(count)
        ]
    return LyricLine(section=0, text=text, start=0, end=8, syllables=tuple(syllables))


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
def test_every_note_gets_one_vowel(words: list[str]) -> None:
    line = line_of(" ".join(words))
    phones = line_phones(line)
    sung = [phone.syllable for phone in phones if phone.place == "vowel"]
    assert sung == list(range(len(line.syllables)))
    assert [p.syllable for p in phones] == sorted(p.syllable for p in phones)
    assert sum(phone.opens_word for phone in phones) == len(words)


@given(st.sampled_from(WORDS), st.integers(1, 5))
def test_a_word_fills_as_many_notes_as_the_score_gives_it(word: str, count: int) -> None:
    phones = line_phones(line_of(word, {0: count}))
    assert sum(phone.place == "vowel" for phone in phones) >= min(count, 1)
    assert {phone.syllable for phone in phones} == set(range(count))


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("water", "w ɔː | ɾ ɚ"),
        ("extra", "ɛ k | s t ɹ ə"),
        ("singing", "s ɪ ŋ | ɪ ŋ"),
        ("birds", "b ɜː d z"),
        ("beside", "b ə | s a ɪ d"),
        ("judge", "dʒ ʌ dʒ"),
    ],
)
def test_consonants_go_to_the_later_vowel_where_english_lets_them(
    word: str, syllables: str
) -> None:
    phones = line_phones(line_of(word))
    count = phones[-1].syllable + 1
    said = " | ".join(
        " ".join(p.symbol for p in phones if p.syllable == number) for number in range(count)
    )
    assert said == syllables


def test_words_without_a_sound_still_fill_their_note() -> None:
    line = LyricLine(
        section=0, text="♥", start=0, end=1,
        syllables=(SungSyllable(text="♥", stress=0, word=0, note=0),),
    )  # fmt: skip
    assert [phone.place for phone in line_phones(line)] == ["vowel"]
