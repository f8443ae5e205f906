from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.artist import BRIEF_MAX_CHARS, HANDLE, check_brief, handle_from
from domain.errors import InvalidInput
from tests.store import nouns


@given(name=st.text(max_size=120))
def test_every_name_gives_a_legal_handle_with_room_for_a_number(name: str) -> None:
    handle = handle_from(name)
    assert HANDLE.fullmatch(handle)
    assert HANDLE.fullmatch(f"{handle}-999")
    assert handle_from(handle) == handle


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Mara Voss", "mara-voss"),
        ("  Sigur Rós & the Ünder-Score!! ", "sigur-ros-the-under-score"),
        ("Ｆｕｌｌ ｗｉｄｔｈ", "full-width"),
        ("ﬁre № 9", "fire-no-9"),
        ("Мара", "artist"),
        ("🌊🌊", "artist"),
        ("", "artist"),
        ("-" * 50, "artist"),
        ("a" * 35 + " b c", "a" * 35),
        ("\u202eevil", "evil"),
    ],
)
def test_handles_of_some_names(name: str, handle: str) -> None:
    assert handle_from(name) == handle


@pytest.mark.parametrize("handle", ["", "-a", "a-", "A", "a_b", "a" * 41, "ä", "a b", "a\n"])
def test_an_artist_refuses_an_illegal_handle(handle: str) -> None:
    with pytest.raises(ValidationError, match="handle"):
        nouns.artist(handle=handle)


@pytest.mark.parametrize(
    ("brief", "says"),
    [
        ("", "empty"),
        (" \n\t\u3000 ", "empty"),
        ("\x00\x07\u202e", "empty"),
        ("12345 !!! 🎵", "no words"),
        ("a" * 100_000, "100000 characters"),
        ("a" * (BRIEF_MAX_CHARS + 1), "at most"),
    ],
)
def test_a_bad_brief_is_refused_with_a_remedy(brief: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        check_brief(brief)
    assert refused.value.field == "brief"
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("brief", "kept"),
    [
        ("  sings\u00a0of ferries \n", "sings of ferries"),
        ("two\r\nlines\x00", "two\nlines"),
        ("歌手は海を愛する", "歌手は海を愛する"),
        ("e\u0301tude", "étude"),
        ("a" * BRIEF_MAX_CHARS + "\n", "a" * BRIEF_MAX_CHARS),
    ],
)
def test_a_good_brief_is_kept_as_plain_text(brief: str, kept: str) -> None:
    assert check_brief(brief) == kept
