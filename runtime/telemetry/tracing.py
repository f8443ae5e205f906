"""Traces: spans of work that lead from a request to the run, its steps, its tools and its models.

Until `trace_to` is called nothing is recorded, and a span costs a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from domain.errors import GreenroomError

Value = str | bool | int | float
_propagator = TraceContextTextMapPropagator()


@dataclass
class _Sink:
    """Where this process's spans go; a process has one."""

    tracer: Tracer | None = None


_sink = _Sink()


def trace_to(tracer: Tracer | None) -> None:
    """Record the spans of this process with `tracer`; None ends the recording."""
    _sink.tracer = tracer


def tracing() -> bool:
    """Tell whether spans are recorded."""
    return _sink.tracer is not None


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, Value] | None = None,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: str | None = None,
    expected: tuple[type[BaseException], ...] = (),
    **facts: Value | None,
) -> Iterator[Span]:
    """Record the block as a span and make it the parent of those inside.

    `attributes` have their full names; `facts` are Greenroom's own, so `run_id=` becomes
    `greenroom.run_id`. `parent` is a `traceparent` of another process or time. What is `expected`
    may leave the block without marking it as an error; an error is told by its code only, for
    messages may quote what a model or a person wrote.
    """
    tracer = _sink.tracer
    if tracer is None:
        yield trace.INVALID_SPAN
        return
    with tracer.start_as_current_span(
        name,
        context=_context(parent),
        kind=kind,
        attributes={**(attributes or {}), **own(facts)},
        record_exception=False,
        set_status_on_exception=False,
    ) as found:
        try:
            yield found
        except expected:
            raise
        except BaseException as error:
            mark(found, error)
            raise


@contextmanager
def loose_span(name: str, attributes: Mapping[str, Value]) -> Iterator[Span]:
    """The span of a call whose block is left and entered again, as a generator's is.

    It has its parent, and becomes nobody's.
    """
    tracer = _sink.tracer
    if tracer is None:
        yield trace.INVALID_SPAN
        return
    found = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=dict(attributes))
    try:
        yield found
    except GeneratorExit:
        raise  # The reader had enough.
    except BaseException as error:
        mark(found, error)
        raise
    finally:
        found.end()


def mark(found: Span, error: BaseException) -> None:
    """Mark a span as failed, by the error's code."""
    code = error.code if isinstance(error, GreenroomError) else type(error).__name__
    found.set_attribute("error.type", code)
    found.set_status(Status(StatusCode.ERROR, code))


def own(facts: Mapping[str, Value | None]) -> dict[str, Value]:
    """Greenroom's own attributes under their full names, without those that have no value."""
    return {f"greenroom.{name}": value for name, value in facts.items() if value is not None}


def traceparent() -> str | None:
    """The present span as W3C writes it, for what goes on elsewhere or later."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def origin(name: str) -> str | None:
    """The same for what has to have one: where no span is current, a short one begins a trace."""
    found = traceparent()
    if found is not None or not tracing():
        return found
    with span(name):
        return traceparent()


def trace_id() -> str | None:
    """The present trace's id, in 32 hexadecimal digits."""
    found = trace.get_current_span().get_span_context()
    return trace.format_trace_id(found.trace_id) if found.is_valid else None


def _context(parent: str | None) -> Context | None:
    """The remote parent, if `parent` names one; else the span that is current."""
    if parent is None:
        return None
    return _propagator.extract({"traceparent": parent})
