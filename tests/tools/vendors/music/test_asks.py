"""Songs in words, within what each generator takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ProviderInputInvalid
from domain.score import LyricSection
from tests.tools.vendors.music import build
from tools.vendors.music.asks import key_name, prompt_text, tagged_lyrics
from tools.vendors.transport import retry_after_s, words_of


@given(st.text(min_size=1, max_size=400), st.integers(1, 300))
def test_a_prompt_keeps_its_limit(style: str, limit: int) -> None:
    assert len(prompt_text(build.ask(style=style), limit)) <= limit


def test_a_prompt_is_cut_between_tags() -> None:
    whole = prompt_text(build.ask(), 1_000)
    assert whole == ("indie folk, fingerpicked acoustic guitar, warm and wistful, 96 BPM, D minor")
    assert prompt_text(build.ask(), 30) == "indie folk, warm and wistful"
    assert prompt_text(build.ask(instrumental=True), 1_000).endswith("no vocals")
    assert "'de'" in prompt_text(build.ask(language="de"), 1_000)


def test_modes_become_major_and_minor() -> None:
    modes = ["ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian"]
    names = [key_name(build.ask(mode=mode)).split()[1] for mode in modes]
    assert names == ["major", "minor", "minor", "major", "major", "minor"]


def test_lyrics_are_tagged_and_never_cut() -> None:
    words = (
        LyricSection(section="prechorus", lines=("عبر البحر", "🌊 wave")),
        LyricSection(section="chorus", lines=("Oh",)),
    )
    text = tagged_lyrics(build.ask(lyrics=words), 100)
    assert text == "[Pre Chorus]\nعبر البحر\n🌊 wave\n\n[Chorus]\nOh"
    assert tagged_lyrics(build.ask(lyrics=words), len(text)) == text
    with pytest.raises(ProviderInputInvalid, match="are taken"):
        tagged_lyrics(build.ask(lyrics=words), len(text) - 1)


def test_retry_after_in_seconds_and_dates() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    waits = {
        "12": 12.0,
        "1.5": 1.5,
        "-3": 0.0,
        "": None,
        "soon": None,
        "Wed, 21 Oct 2015 07:28:00 GMT": 0.0,
    }
    for text, wait in waits.items():
        assert retry_after_s(httpx.Headers({"retry-after": text})) == wait
    told = retry_after_s(httpx.Headers({"retry-after": soon}))
    assert told is not None
    assert 80 < told <= 90


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "a"}, "a"),
        ({"detail": {"status": "x", "message": "b"}}, "b"),
        ({"detail": [{"msg": "c"}, {"msg": "d"}]}, "c; d"),
        ({"errors": ["e", "f"]}, "e; f"),
        ({"error": {"message": "g"}}, "g"),
        ({"odd": 1}, '{"odd":1}'),
    ],
)
def test_what_a_refusal_says(body: object, said: str) -> None:
    assert words_of(httpx.Response(400, json=body)) == said


def test_a_long_refusal_is_shortened() -> None:
    assert len(words_of(httpx.Response(500, text="x" * 10_000))) == 300
