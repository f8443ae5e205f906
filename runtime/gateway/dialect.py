"""Which parameters an endpoint understands, learnt from its own refusals."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Literal, TypedDict

from pydantic import JsonValue

from runtime.gateway.endpoint import EndpointCall, JsonSchema

SchemaMode = Literal["grammar", "json_schema", "json_object", "plain"]
_WEAKER: dict[SchemaMode, SchemaMode] = {
    "grammar": "json_schema",
    "json_schema": "json_object",
    "json_object": "plain",
}
_SCHEMA_WORDS = ("response_format", "json_schema", "json_object", "grammar", "schema", "guidance")
_DROPPABLE = (
    "stream_options", "repeat_penalty", "logprobs", "seed", "temperature", "top_p", "stop",
)  # fmt: skip


class Parameters(TypedDict):
    """A request body in two parts: what the client knows, and extensions."""

    body: dict[str, JsonValue]
    extra: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What to send. A refused parameter makes a weaker dialect, never an error by itself."""

    schema_mode: SchemaMode = "json_schema"
    token_parameter: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    dropped: frozenset[str] = field(default_factory=frozenset)
    prefill: bool = False

    def parameters(self, call: EndpointCall, *, stream: bool) -> Parameters:
        """The request in this dialect."""
        sampling = call.sampling
        wanted: dict[str, JsonValue] = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seed,
            "stop": list(sampling.stop) or None,
            "logprobs": True if call.logprobs and not stream else None,
            "stream_options": {"include_usage": True} if stream else None,
        }
        extra: dict[str, JsonValue] = {"repeat_penalty": sampling.repeat_penalty}
        body: dict[str, JsonValue] = {
            "model": call.model,
            "messages": self._messages(call),
            self.token_parameter: sampling.max_tokens,
            **self._kept(wanted),
        }
        extra = self._kept(extra)
        if call.schema is not None:
            self._constrain(call.schema, body, extra)
        return {"body": body, "extra": extra}

    def without(self, complaint: str, call: EndpointCall) -> Dialect | None:
        """A weaker dialect after an HTTP 400 saying `complaint`; None where nothing is left."""
        complaint = complaint.lower()
        if "max_completion_tokens" in complaint and self.token_parameter == "max_tokens":
            return replace(self, token_parameter="max_completion_tokens")
        names_schema = any(word in complaint for word in _SCHEMA_WORDS)
        if not names_schema:
            for name in _DROPPABLE:
                if name in complaint and name not in self.dropped:
                    return replace(self, dropped=self.dropped | {name})
        # Servers that refuse a schema do not always say so: without a better lead, try that.
        weaker = _WEAKER.get(self.schema_mode)
        if call.schema is None or weaker is None:
            return None
        return replace(self, schema_mode=weaker)

    def _kept(self, wanted: dict[str, JsonValue]) -> dict[str, JsonValue]:
        return {k: v for k, v in wanted.items() if v is not None and k not in self.dropped}

    def _messages(self, call: EndpointCall) -> list[JsonValue]:
        messages: list[JsonValue] = [{"role": m.role, "content": m.content} for m in call.messages]
        if call.schema is not None and self.schema_mode in ("json_object", "plain"):
            messages.insert(0, {"role": "system", "content": _instruction(call.schema)})
        return messages

    def _constrain(
        self, schema: JsonSchema, body: dict[str, JsonValue], extra: dict[str, JsonValue]
    ) -> None:
        if self.schema_mode == "grammar":
            extra["grammar"] = llguidance(schema)
        elif self.schema_mode == "json_schema":
            form: dict[str, JsonValue] = {"name": "answer", "schema": dict(schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif self.schema_mode == "json_object":
            body["response_format"] = {"type": "json_object"}


def llguidance(schema: JsonSchema) -> str:
    """A grammar for llama.cpp. Rigid white space, or small models pad their answer for ever."""
    guided = {**schema, "x-guidance": {"whitespace_flexible": False, "lenient": True}}
    return f"%llguidance {{}}\nstart: %json {json.dumps(guided)}"


def _instruction(schema: JsonSchema) -> str:
    return (
        "Answer with one JSON object and nothing else. It must fit this JSON schema:\n"
        + json.dumps(dict(schema))
    )
