from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.lyrics.language import is_english, language_of
from media.lyrics.orthography import plain_letters, script_of, spelled_syllables
from media.lyrics.prosody import scan
from media.lyrics.words import syllabify, words_in
from tests.media.songs import CHORUS, VERSE
from tests.support.scripts import lyric_lines

SONGS = {
    "en": ["The kettle hums beside the door", "I left my coat upon the floor"],
    "de": ["Die Nacht ist lang und ich bin nicht allein", "Der Regen fällt auf unser Dach"],
    "fr": ["Je marche dans la rue sous la pluie", "et je pense encore à toi"],
    "es": ["La lluvia cae sobre mi ventana", "y no sé dónde estás"],
    "it": ["Cammino sotto la pioggia senza te", "e la notte non finisce mai"],
    "pt": ["Eu vejo o mar da minha janela", "e não sei quando você vem"],
    "nl": ["Ik loop door de regen naar het huis", "en jij bent er niet meer"],
    "pl": ["Idę przez miasto i nie widzę cię", "a noc jest jak morze"],
    "sv": ["Jag går på gatan och ser på dig", "men du är inte här"],
    "ru": ["Москва не сразу строилась"],
    "uk": ["їжак іде додому"],
    "ja": ["夜の雨がふる"],
    "zh": ["月光下的城市"],
    "ko": ["안녕하세요 친구"],
    "he": ["שלום עולם"],
    "ar": ["مرحبا بالعالم"],
    "fa": ["پنجره باز است"],
    "el": ["η νύχτα είναι μεγάλη"],
    "hi": ["नमस्ते दुनिया"],
    "th": ["สวัสดีชาวโลก"],
}


@pytest.mark.parametrize(("code", "lines"), SONGS.items())
def test_languages_are_told_apart(code: str, lines: list[str]) -> None:
    assert language_of(lines) == code
    assert is_english(lines) == (code == "en")


@pytest.mark.parametrize("lines", [[], [""], ["🎵 !!"], ["123"], ["xqz brrr vfd"], ["la la la la"]])
def test_what_nobody_can_tell_is_unknown(lines: list[str]) -> None:
    assert language_of(lines) == "und"


def test_english_songs_are_english() -> None:
    assert is_english(VERSE + CHORUS)
    lines = lyric_lines(200)
    assert all(is_english(lines[at : at + 4]) for at in range(0, 200, 4))


def test_english_without_a_small_word_is_known_by_its_lexicon() -> None:
    assert is_english(["Moonlight river silver stone"])


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("Freiheit", ["Frei", "heit"]),
        ("corazón", ["co", "ra", "zón"]),
        ("строилась", ["стро", "и", "лась"]),
        ("夜の雨", ["夜", "の", "雨"]),
        ("きょう", ["きょ", "う"]),
        ("안녕", ["안", "녕"]),
        ("नमस्ते", ["न", "म", "स्ते"]),
    ],
)
def test_words_are_cut_by_their_spelling(word: str, pieces: list[str]) -> None:
    assert list(spelled_syllables(word)) == pieces


def test_a_known_language_is_not_read_as_english() -> None:
    line = "Liebe ohne Ende"
    assert [s.text for s in scan(line, "de")] == ["Lie", "be", "oh", "ne", "En", "de"]
    assert len(scan(line)) != len(scan(line, "de"))


def test_accents_do_not_cut_a_word() -> None:
    assert words_in("Über den café-Platz, mañana’s end") == [
        "Über", "den", "café", "Platz", "mañana's", "end",
    ]  # fmt: skip
    assert len(scan("café")) == 2


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_scanned_and_every_word_keeps_its_letters(text: str) -> None:
    assert len(plain_letters(text)) == len(text)
    script_of(text)
    for word in words_in(text):
        for language in (None, "de"):
            found = syllabify(word, language)
            assert all(s.text for s in found)
            assert "".join(s.text for s in found) in (word, "")
