from __future__ import annotations

import json
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from domain.trimmed import Trimmed, trim_to_sentence
from runtime.gateway.answer_form import AnswerProblem, read_answer


class Reason(BaseModel):
    text: Annotated[str, Trimmed(40)]


@pytest.mark.parametrize(
    "said",
    ['{"text": "Yes."}', '```json\n{"text": "Yes."}\n```', 'Here it is: {"text": "Yes."} Enjoy!'],
)
def test_the_object_is_found_in_what_surrounds_it(said: str) -> None:
    assert read_answer(said, Reason).text == "Yes."


@pytest.mark.parametrize("said", ["", "yes", '{"text": "cut', '{"texts": "x"}', '["text"]'])
def test_what_does_not_fit_is_a_problem(said: str) -> None:
    with pytest.raises(AnswerProblem):
        read_answer(said, Reason)


def test_a_long_text_is_cut_at_a_full_stop() -> None:
    said = "The night was long. I left my name on the kitchen floor"
    assert read_answer(json.dumps({"text": said}), Reason).text == "The night was long."
    assert Reason.model_json_schema()["properties"]["text"]["maxLength"] == 56


@given(st.text(), st.integers(1, 80))
def test_trimming_only_cuts_and_never_passes_the_length(text: str, longest: int) -> None:
    trimmed = trim_to_sentence(text, longest)
    assert len(trimmed) <= longest
    assert text.strip().startswith(trimmed)
