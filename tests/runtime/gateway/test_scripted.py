from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.errors import InvalidInput, ModelTimeout, ModelUnavailable
from runtime.gateway.endpoint import EndpointCall
from runtime.gateway.scripted import ScriptedAnswer, ScriptedEndpoint
from tests.runtime.gateway.support import ask


def call(text: str = "Name a colour.", **sampling: Any) -> EndpointCall:
    return EndpointCall.of(ask(text, logprobs=True, **sampling), "m", timeout_s=1)


async def test_a_resumed_process_gets_the_same_answer_to_the_same_request() -> None:
    script = {"test.colour": [f"answer {i}" for i in range(7)]}
    first, resumed = ScriptedEndpoint(script), ScriptedEndpoint(script)
    for i in range(5):
        await first.chat(call(f"question {i}"))
    again = await first.chat(call("the one under way"))
    assert (await resumed.chat(call("the one under way"))).text == again.text


async def test_repeats_of_a_request_go_through_the_whole_list() -> None:
    endpoint = ScriptedEndpoint({"test.colour": ["red", "green", "blue"]})
    assert {(await endpoint.chat(call())).text for _ in range(3)} == {"red", "green", "blue"}


async def test_a_seed_chooses_the_answer() -> None:
    endpoint = ScriptedEndpoint({"test.colour": ["red", "green"]})
    texts = [(await endpoint.chat(call(seed=s))).text for s in (0, 1, 2, 0)]
    assert texts == ["red", "green", "red", "red"]


async def test_sequence_order_answers_as_listed() -> None:
    endpoint = ScriptedEndpoint({"test.colour": ["red", {"hue": 3}]}, order="sequence")
    assert (await endpoint.chat(call("a"))).text == "red"
    assert json.loads((await endpoint.chat(call("b"))).text) == {"hue": 3}


async def test_when_picks_by_the_last_message() -> None:
    endpoint = ScriptedEndpoint(
        {"test.colour": ["red", ScriptedAnswer(text="sea blue", when="sea")]}
    )
    assert (await endpoint.chat(call("what colour is the sea?"))).text == "sea blue"
    assert (await endpoint.chat(call("and the rose?"))).text == "red"


async def test_an_unknown_prompt_says_which() -> None:
    endpoint = ScriptedEndpoint({"other": ["x"]})
    with pytest.raises(InvalidInput, match=r"test\.colour"):
        await endpoint.chat(call())


async def test_a_file_scripts_text_objects_faults_and_logprobs(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    answers = ["red", {"hue": 3}, {"$fault": "refuse"}, {"$fault": "timeout"}]
    path.write_text(json.dumps({"test.colour": [*answers, {"$text": "x", "$logprob": -0.5}]}))
    endpoint = ScriptedEndpoint.from_file(path, order="sequence")
    assert (await endpoint.chat(call())).text == "red"
    assert json.loads((await endpoint.chat(call())).text) == {"hue": 3}
    with pytest.raises(ModelUnavailable):
        await endpoint.chat(call())
    with pytest.raises(ModelTimeout):
        await endpoint.chat(call())
    assert (await endpoint.chat(call())).mean_logprob == -0.5


@pytest.mark.parametrize("content", ["[1]", "{", '{"a": [{"$falt": "refuse"}]}'])
def test_a_broken_file_names_the_setting(tmp_path: Path, content: str) -> None:
    path = tmp_path / "script.json"
    path.write_text(content)
    with pytest.raises(InvalidInput) as caught:
        ScriptedEndpoint.from_file(path)
    assert caught.value.field == "model_script"


async def test_a_stream_joins_to_the_whole_answer() -> None:
    endpoint = ScriptedEndpoint({"test.colour": ["deep  sea blue"]})
    pieces = [piece async for piece in endpoint.stream(call())]
    assert "".join(piece.text for piece in pieces) == "deep  sea blue"
    assert pieces[-1].usage is not None
