from __future__ import annotations

import pytest

from agents.wording import prose_problem


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I’m sorry, but I cannot help with this one.",
        "As an AI language model, I do not feel rain.",
        "I am unable to provide a reflection.",
    ],
)
def test_a_refusal_is_no_prose(text: str) -> None:
    assert prose_problem(text) == "the model speaks of itself or refuses"


@pytest.mark.parametrize(
    "text",
    [
        "I am sorry about the fog, and I sang anyway.",
        "She asked for the slow one. I could not help smiling.",
        "Two strangers wrote about the second verse.",
    ],
)
def test_an_artists_own_words_are_prose(text: str) -> None:
    assert prose_problem(text) is None
