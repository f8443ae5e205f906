from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.audience import COMMENT_MAX_CHARS, NAME_MAX_CHARS, clean_comment, clean_name
from domain.errors import InvalidInput
from domain.plain import plain_line, plain_text


@given(text=st.text(max_size=700))
def test_a_kept_comment_is_bounded_normal_and_free_of_controls(text: str) -> None:
    kept = plain_text(text)
    assume(any(ch.isprintable() and not ch.isspace() for ch in kept))
    assume(len(kept) <= COMMENT_MAX_CHARS)
    assert clean_comment(text) == kept
    assert 1 <= len(kept) <= COMMENT_MAX_CHARS
    assert kept == unicodedata.normalize("NFC", kept)
    assert clean_comment(kept) == kept
    assert all(
        ch in "\n\u200c\u200d" or unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co", "Cn")
        for ch in kept
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("lovely\x00 song\x1b[31m", "lovely song[31m"),
        ("Bonjour\u00a0!", "Bonjour !"),
        ("最高\u3000です", "最高 です"),
        ("tab\there", "tab here"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("\u202egnihton\u202c", "gnihton"),
        ("👩\u200d👩\u200d👧 loves it", "👩\u200d👩\u200d👧 loves it"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301t\u00e9", "été"),
        ("a" * COMMENT_MAX_CHARS, "a" * COMMENT_MAX_CHARS),
    ],
)
def test_words_survive_and_tricks_do_not(text: str, kept: str) -> None:
    assert clean_comment(text) == kept


@pytest.mark.parametrize(
    "text", ["", " \n ", "\x00\x01", "\u200d\u200d", "\u202e", "a" * (COMMENT_MAX_CHARS + 1)]
)
def test_empty_and_endless_comments_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_comment(text)
    assert refused.value.field == "text"
    assert refused.value.remedy


@pytest.mark.parametrize(("name", "shown"), [(" Jo\n\tAnn ", "Jo Ann"), ("\u202eJo\x00", "Jo")])
def test_names_stand_on_one_line_undisguised(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "\u200d", "x" * (NAME_MAX_CHARS + 1)])
def test_a_name_is_needed(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_name(name)
    assert refused.value.field == "name"


@given(text=st.text())
def test_plain_text_is_settled_after_once(text: str) -> None:
    once = plain_text(text)
    assert plain_text(once) == once
    assert "\n" not in plain_line(text)
