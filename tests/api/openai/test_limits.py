from __future__ import annotations

from typing import Any

import pytest

from api.openai.asked import ChatAsked
from api.openai.limits import check_supported
from domain.errors import InvalidInput

TOOL = {"type": "function", "function": {"name": "look", "parameters": {}}}


def asked(**given: Any) -> ChatAsked:
    said = [{"role": "user", "content": "Hello"}]
    return ChatAsked.model_validate({"model": "mara", "messages": said, **given})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"n": 1, "seed": 7, "top_p": 0.5, "user": "me", "metadata": {"a": "b"}, "store": True},
        {"tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": True},
        {"response_format": {"type": "text"}, "modalities": ["text"], "logprobs": False},
        {"something_new": {"of": ["next", "year"]}},
    ],
)
def test_what_only_colours_an_answer_is_taken(given: dict[str, Any]) -> None:
    check_supported(asked(**given))


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("n", {"n": 2}),
        ("tool_choice", {"tools": [TOOL], "tool_choice": "required"}),
        ("tool_choice", {"tool_choice": {"type": "function", "function": {"name": "look"}}}),
        ("function_call", {"function_call": {"name": "look"}}),
        ("response_format", {"response_format": {"type": "json_object"}}),
        ("logprobs", {"logprobs": True}),
        ("modalities", {"modalities": ["text", "audio"]}),
        ("audio", {"audio": {"voice": "alloy", "format": "wav"}}),
    ],
)
def test_what_a_client_relies_on_is_refused_by_name(field: str, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_supported(asked(**given))
    assert refused.value.field == field


def test_either_name_of_the_length_counts_and_stops_may_be_one_or_many() -> None:
    assert asked(max_tokens=5).tokens_max == 5
    assert asked(max_completion_tokens=6, max_tokens=5).tokens_max == 6
    assert asked(stop="END").stops == ("END",)
    assert asked(stop=["a", "", "b"]).stops == ("a", "b")
