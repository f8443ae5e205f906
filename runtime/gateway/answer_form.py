"""Structured answers: the schema a model is held to, and reading what it wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from domain.ports.model import ChatMessage, ModelRequest
from runtime.gateway.endpoint import JsonSchema

Answer = TypeVar("Answer", bound=BaseModel)
_PARTS = ("properties", "$defs")


class AnswerProblem(Exception):
    """What is wrong with one answer, in words the model can use; never leaves the gateway."""


def schema_of(answer: type[BaseModel]) -> JsonSchema:
    """The model's JSON schema in strict form: closed objects, every property required."""
    strict = _strict(answer.model_json_schema())
    assert isinstance(strict, dict)
    return strict


def read_answer(text: str, answer: type[Answer]) -> Answer:
    """Parse and validate; raises `AnswerProblem`, never guesses."""
    data = _first_json(text)
    try:
        return answer.model_validate(data)
    except ValidationError as error:
        raise AnswerProblem(_explain(error)) from error


def with_correction(request: ModelRequest, said: str, problem: str) -> ModelRequest:
    """The request again, with the failed answer and what was wrong with it."""
    correction = (
        f"That answer does not fit: {problem}\n"
        "Answer again: one JSON object that fits, and nothing else."
    )
    return request.model_copy(
        update={
            "messages": (
                *request.messages,
                ChatMessage(role="assistant", content=said[:4000]),
                ChatMessage(role="user", content=correction),
            )
        }
    )


def with_more_room(request: ModelRequest, factor: float = 1.5) -> ModelRequest:
    """The request again with more tokens, after an answer that was cut off."""
    sampling = request.sampling
    roomier = sampling.model_copy(update={"max_tokens": int(sampling.max_tokens * factor)})
    return request.model_copy(update={"sampling": roomier})


def _strict(node: JsonValue) -> JsonValue:
    if isinstance(node, list):
        return [_strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    strict: dict[str, JsonValue] = {}
    for key, value in node.items():
        if key in _PARTS and isinstance(value, Mapping):
            # Below these keys stand names chosen by the caller, not keywords.
            strict[key] = {name: _strict(part) for name, part in value.items()}
        elif key not in ("default", "title"):
            strict[key] = value if key in ("enum", "const", "examples") else _strict(value)
    properties = strict.get("properties")
    if isinstance(properties, dict):
        strict["required"] = list(properties)
        strict["additionalProperties"] = False
    return strict


def _first_json(text: str) -> JsonValue:
    start = text.find("{")
    if start < 0:
        raise AnswerProblem("there is no JSON object in it.")
    try:
        data: JsonValue = json.JSONDecoder().raw_decode(text, start)[0]
    except json.JSONDecodeError as error:
        raise AnswerProblem(f"it is not valid JSON ({error.msg}).") from error
    return data


def _explain(error: ValidationError) -> str:
    problems = [
        f"{'.'.join(str(part) for part in e['loc']) or 'the object'}: {e['msg']}"
        for e in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return "; ".join(problems[:5])
