from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from domain.errors import GreenroomError, ModelRejected, ModelTimeout, ModelUnavailable
from domain.ports.model import ChatMessage
from runtime.gateway.answer_form import schema_of
from runtime.gateway.dialect import Dialect
from runtime.gateway.endpoint import EndpointCall
from runtime.gateway.openai_endpoint import OpenAIEndpoint
from runtime.gateway.vendor_errors import retry_after_s
from tests.runtime.gateway.fake_server import ANSWER, FakeServer, running
from tests.runtime.gateway.support import Bench, ask


class Colour(BaseModel):
    name: str
    warm: bool
    reason: str


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    with running() as fake:
        yield fake


@pytest.fixture
async def endpoint(server: FakeServer) -> AsyncIterator[OpenAIEndpoint]:
    server.bodies.clear()
    endpoint = OpenAIEndpoint(server.url, "right")
    yield endpoint
    await endpoint.aclose()


def call(model: str, *, form: bool = False, timeout_s: float = 5, **facts: Any) -> EndpointCall:
    return EndpointCall.of(
        ask(**facts), model, timeout_s, schema=schema_of(Colour) if form else None
    )


async def test_an_answer_comes_with_usage_and_logprob(endpoint: OpenAIEndpoint) -> None:
    reply = await endpoint.chat(call("fine", logprobs=True))
    assert (reply.text, reply.finish_reason, reply.mean_logprob) == (ANSWER, "stop", -2)
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (9, 4)


async def test_loopback_calls_never_go_through_a_proxy(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    endpoint = OpenAIEndpoint(server.url, "right")
    assert (await endpoint.chat(call("fine"))).text == ANSWER
    await endpoint.aclose()


FAULTS: list[tuple[str, type[GreenroomError], str]] = [
    ("status-400", ModelRejected, "GREENROOM_MODEL|parameters"),
    ("status-401", ModelRejected, "GREENROOM_MODEL_KEY"),
    ("status-403", ModelRejected, "key"),
    ("status-404", ModelRejected, "GREENROOM_MODEL_NAME"),
    ("status-413", ModelRejected, "Shorten"),
    ("status-429", ModelUnavailable, "Wait"),
    ("status-500", ModelUnavailable, "Wait"),
    ("status-503", ModelUnavailable, "Wait"),
    ("html", ModelUnavailable, "GREENROOM_MODEL_URL"),
    ("broken-json", ModelUnavailable, "GREENROOM_MODEL_URL"),
    ("odd-json", ModelUnavailable, "GREENROOM_MODEL_URL"),
]


@pytest.mark.parametrize(("model", "error", "remedy"), FAULTS)
async def test_each_fault_has_its_error_and_remedy(
    endpoint: OpenAIEndpoint, model: str, error: type[GreenroomError], remedy: str
) -> None:
    with pytest.raises(error) as caught:
        await endpoint.chat(call(model))
    assert any(word in (caught.value.remedy or "") for word in remedy.split("|"))


async def test_a_refusal_is_final(endpoint: OpenAIEndpoint) -> None:
    with pytest.raises(ModelRejected, match="can't help"):
        await endpoint.chat(call("refusal"))


async def test_no_answer_in_time(endpoint: OpenAIEndpoint) -> None:
    with pytest.raises(ModelTimeout) as caught:
        await endpoint.chat(call("slow", timeout_s=0.2))
    assert caught.value.field == "model_timeout_s"


async def test_a_refused_connection() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    endpoint = OpenAIEndpoint(f"http://127.0.0.1:{port}/v1", None)
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await endpoint.chat(call("fine"))
    await endpoint.aclose()


@pytest.mark.parametrize(
    ("model", "mode", "sent"),
    [("fine", "json_schema", 1), ("no-json-schema", "json_object", 2), ("no-json", "plain", 3)],
)
async def test_the_form_degrades_and_is_remembered(
    endpoint: OpenAIEndpoint, server: FakeServer, model: str, mode: str, sent: int
) -> None:
    assert (await endpoint.chat(call(model, form=True))).text == ANSWER
    assert (endpoint.dialect.schema_mode, len(server.bodies)) == (mode, sent)
    instructed = "JSON schema" in str(server.bodies[-1]["messages"][0])
    assert instructed == (mode != "json_schema")
    await endpoint.chat(call(model, form=True))
    assert len(server.bodies) == sent + 1, "the second call is sent right at once"


async def test_a_bad_request_of_another_kind_changes_nothing(endpoint: OpenAIEndpoint) -> None:
    with pytest.raises(ModelRejected, match="as you asked"):
        await endpoint.chat(call("status-400", form=True))
    assert endpoint.dialect.schema_mode == "json_schema"


async def test_parameters_are_learnt(endpoint: OpenAIEndpoint, server: FakeServer) -> None:
    await endpoint.chat(call("reasoning"))
    assert server.bodies[-1]["max_completion_tokens"] == 256
    assert "temperature" not in server.bodies[-1]
    await endpoint.chat(call("strict-parameters", repeat_penalty=1.1))
    assert "repeat_penalty" not in server.bodies[-1]


async def test_streaming_reports_usage_where_offered(endpoint: OpenAIEndpoint) -> None:
    pieces = [piece async for piece in endpoint.stream(call("fine"))]
    assert "".join(p.text for p in pieces) == "deep sea blue"
    assert pieces[-1].usage is not None
    pieces = [piece async for piece in endpoint.stream(call("no-stream-options"))]
    assert "".join(p.text for p in pieces) == "deep sea blue"


@pytest.mark.parametrize(
    ("model", "error"),
    [("stalls", ModelTimeout), ("cut-off", ModelUnavailable), ("status-500", ModelUnavailable)],
)
async def test_a_stream_that_fails_says_how(
    endpoint: OpenAIEndpoint, model: str, error: type[GreenroomError]
) -> None:
    with pytest.raises(error):
        async for _ in endpoint.stream(call(model, timeout_s=0.3)):
            pass


async def test_the_gateway_waits_as_asked_and_then_succeeds(server: FakeServer) -> None:
    server.bodies.clear()
    bench = Bench([OpenAIEndpoint(server.url, None)], models=["busy-once"])
    assert (await bench.gateway.complete(ask())).text == ANSWER
    assert bench.waits == [7.0]
    await bench.gateway.aclose()


async def test_too_long_a_wait_goes_to_the_fallback(server: FakeServer) -> None:
    endpoints = [OpenAIEndpoint(server.url, None) for _ in range(2)]
    bench = Bench([*endpoints], models=["busy-long", "fine"])
    assert (await bench.gateway.complete(ask())).model == "fine"
    assert bench.waits == []
    await bench.gateway.aclose()


async def test_a_wrong_key_is_neither_retried_nor_hidden_by_the_fallback(
    server: FakeServer,
) -> None:
    endpoints = [OpenAIEndpoint(server.url, "wrong"), OpenAIEndpoint(server.url, None)]
    bench = Bench([*endpoints], models=["keyed", "fine"])
    with pytest.raises(ModelRejected):
        await bench.gateway.complete(ask())
    assert bench.outcomes == ["model_rejected"]
    await bench.gateway.aclose()


async def test_tokens_are_counted_where_the_endpoint_does_not(server: FakeServer) -> None:
    bench = Bench([OpenAIEndpoint(server.url, None)], models=["no-usage"])
    usage = (await bench.gateway.complete(ask())).usage
    assert usage.counted_by == "tiktoken"
    assert usage.completion_tokens > 4
    await bench.gateway.aclose()


async def test_an_answer_that_begins_like_the_last_message_stays_whole(server: FakeServer) -> None:
    endpoint = OpenAIEndpoint(server.url, None)
    messages = (ChatMessage(role="assistant", content='{"name": "teal",'),)
    asked = ask().model_copy(update={"messages": messages})
    whole = await endpoint.chat(EndpointCall.of(asked, "fine", 5))
    assert whole.text == ANSWER
    continuing = OpenAIEndpoint(server.url, None, dialect=Dialect(prefill=True))
    rest = await continuing.chat(EndpointCall.of(asked, "fine", 5))
    assert rest.text == ANSWER.removeprefix('{"name": "teal",')
    await continuing.aclose()
    await endpoint.aclose()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-1", None),
        ("nan", None),
        ("Fri, 01 May 2026 00:00:30 GMT", 30.0),
        ("Thu, 30 Apr 2026 00:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_both_forms_of_retry_after(value: str, seconds: float | None) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert retry_after_s({"retry-after": value}, now) == seconds


def test_no_header_no_wait() -> None:
    assert retry_after_s({}, datetime(2026, 5, 1, tzinfo=UTC)) is None
