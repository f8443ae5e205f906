from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Iterator

import opentelemetry.semconv._incubating.attributes.gen_ai_attributes as official
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from domain.errors import ModelTimeout
from domain.ports.model import ChatMessage, ModelTraits, Sampling, TokenUsage
from runtime.gateway.endpoint import EndpointCall, EndpointReply, Piece
from runtime.telemetry import semantics
from runtime.telemetry.endpoint import TracedEndpoint
from runtime.telemetry.tracing import origin, span, trace_id, trace_to, traceparent, tracing

SECRET = "the words of a prompt"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace_to(provider.get_tracer("test"))
    yield exporter
    trace_to(None)
    provider.shutdown()


def named(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = [each for each in spans.get_finished_spans() if each.name == name]
    return found


def test_nothing_is_recorded_until_somebody_wants_it() -> None:
    assert not tracing()
    with span("work", run_id="run_1") as found:
        assert not found.is_recording()
        assert traceparent() is None
        assert trace_id() is None
    assert origin("work") is None


def test_spans_within_spans_are_children_with_our_own_names(spans: InMemorySpanExporter) -> None:
    with span("outer", run_id="run_1", step=None), span("inner", {"http.route": "/x"}):
        pass
    outer, inner = named(spans, "outer"), named(spans, "inner")
    assert inner.parent is not None
    assert outer.context is not None
    assert inner.parent.span_id == outer.context.span_id
    assert dict(outer.attributes or {}) == {"greenroom.run_id": "run_1"}
    assert dict(inner.attributes or {}) == {"http.route": "/x"}


def test_a_trace_goes_on_elsewhere_and_later(spans: InMemorySpanExporter) -> None:
    with span("request"):
        kept = traceparent()
    assert kept is not None
    with span("run", parent=kept), span("step"):
        assert (trace_id() or "") in kept
    assert {s.context.trace_id for s in spans.get_finished_spans() if s.context} == {
        int(kept.split("-")[1], 16)
    }


def test_an_unreadable_parent_begins_a_trace(spans: InMemorySpanExporter) -> None:
    with span("run", parent="garbage"):
        assert trace_id()
    assert named(spans, "run").parent is None


def test_an_error_is_told_by_its_code_and_not_by_its_words(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ModelTimeout), span("call"):
        raise ModelTimeout(SECRET)
    failed = named(spans, "call")
    assert failed.status.status_code is StatusCode.ERROR
    assert (failed.attributes or {})["error.type"] == "model_timeout"
    assert SECRET not in failed.to_json()


def test_what_is_expected_is_no_error(spans: InMemorySpanExporter) -> None:
    with pytest.raises(KeyError), span("call", expected=(LookupError,)):
        raise KeyError("x")
    assert named(spans, "call").status.status_code is StatusCode.UNSET


def test_origin_begins_a_trace_only_where_there_is_none(spans: InMemorySpanExporter) -> None:
    first = origin("ask for a run")
    assert first is not None
    assert named(spans, "ask for a run").context is not None
    with span("request"):
        assert origin("ask again") == traceparent()
    assert "ask again" not in [s.name for s in spans.get_finished_spans()]


def test_names_are_those_of_the_convention() -> None:
    known = {value for name, value in inspect.getmembers(official) if name.startswith("GEN_AI_")}
    assert [name for name in semantics.NAMES if name not in known] == []


class Parrot:
    """An endpoint that says what it is told to say."""

    name, real, slots = "parrot", True, 1

    def traits(self, model: str) -> ModelTraits:
        raise NotImplementedError

    async def chat(self, call: EndpointCall) -> EndpointReply:
        if call.sampling.seed == 13:
            raise ModelTimeout("no answer")
        return EndpointReply(SECRET, "stop", TokenUsage(prompt_tokens=7, completion_tokens=3))

    async def stream(self, call: EndpointCall) -> AsyncGenerator[Piece, None]:
        yield Piece(SECRET)
        yield Piece("", TokenUsage(prompt_tokens=7, completion_tokens=2))

    async def aclose(self) -> None:
        pass


def call(**sampling: int) -> EndpointCall:
    messages = (ChatMessage(role="user", content=SECRET),)
    return EndpointCall("m-1", "lyrics.line@3", messages, Sampling(**sampling), 5.0)


async def test_a_model_call_tells_how_much_and_not_what(spans: InMemorySpanExporter) -> None:
    reply = await TracedEndpoint(Parrot()).chat(call(max_tokens=64))
    assert reply.text == SECRET
    found = named(spans, "chat m-1")
    told = dict(found.attributes or {})
    assert told[semantics.REQUEST_MODEL] == "m-1"
    assert told[semantics.PROMPT_NAME] == "lyrics.line@3"
    assert (told[semantics.INPUT_TOKENS], told[semantics.OUTPUT_TOKENS]) == (7, 3)
    assert told[semantics.FINISH_REASONS] == ("stop",)
    assert SECRET not in found.to_json()


async def test_a_failed_model_call_is_marked(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ModelTimeout):
        await TracedEndpoint(Parrot()).chat(call(seed=13))
    assert (named(spans, "chat m-1").attributes or {})["error.type"] == "model_timeout"


async def test_a_stream_is_one_span_and_may_be_left(spans: InMemorySpanExporter) -> None:
    with span("step"):
        pieces = [p.text async for p in TracedEndpoint(Parrot()).stream(call())]
        unread = TracedEndpoint(Parrot()).stream(call())
        assert (await anext(unread)).text == SECRET
        await unread.aclose()
    assert pieces == [SECRET, ""]
    found = [s for s in spans.get_finished_spans() if s.name == "chat m-1"]
    assert [s.status.status_code for s in found] == [StatusCode.UNSET] * 2
    assert (found[0].attributes or {})[semantics.OUTPUT_TOKENS] == 2
    step = named(spans, "step")
    assert step.context is not None
    assert all(s.parent and s.parent.span_id == step.context.span_id for s in found)
