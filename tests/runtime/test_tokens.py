from __future__ import annotations

import os
from pathlib import Path

import pytest

from runtime.tokens import count_tokens, estimate_tokens


def test_counts_are_those_of_the_published_vocabularies(tmp_path: Path) -> None:
    # The example of OpenAI's cookbook: 83, 1609, 5963, 374, 2294, 0.
    assert count_tokens("tiktoken is great!", "gpt-4", tmp_path) == 6
    assert count_tokens("日本語の歌詞", "gpt-4o", tmp_path) < count_tokens(
        "日本語の歌詞", "gpt-4", tmp_path
    )
    assert len(list((tmp_path / "tiktoken").iterdir())) == 2


def test_special_tokens_in_a_comment_are_plain_text(tmp_path: Path) -> None:
    assert count_tokens("<|endoftext|>", cache_dir=tmp_path) > 1


def test_the_environment_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "/somewhere/else")
    count_tokens("x", cache_dir=tmp_path / "fresh")
    assert os.environ["TIKTOKEN_CACHE_DIR"] == "/somewhere/else"


@pytest.mark.parametrize("text", ["The kettle sings to an empty chair.", "I left my name."])
def test_the_quick_guess_leans_high_for_english(text: str, tmp_path: Path) -> None:
    assert estimate_tokens(text) >= count_tokens(text, cache_dir=tmp_path)
