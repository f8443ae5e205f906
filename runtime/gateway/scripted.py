"""A model that answers from a script: for tests, trials and demonstrations."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from domain.errors import InvalidInput, ModelTimeout, ModelUnavailable
from domain.ports.model import ModelTraits, TokenUsage
from runtime.gateway.endpoint import EndpointCall, EndpointReply, Piece
from runtime.tokens import estimate_tokens

Order = Literal["content", "sequence"]


class ScriptedAnswer(BaseModel):
    """One answer or fault. In a script file its keys begin with `$` (`{"$fault": "refuse"}`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    text: str | None = Field(default=None, alias="$text")
    data: JsonValue = Field(default=None, alias="$json", description="Answered as JSON text.")
    fault: Literal["timeout", "refuse", "nonsense", "slow"] | None = Field(
        default=None, alias="$fault"
    )
    delay_s: float = Field(default=0.5, ge=0, alias="$delay_s", description="For `slow`.")
    logprob: float | None = Field(default=None, alias="$logprob")
    when: str | None = Field(
        default=None, alias="$when", description="Only if this occurs in the last message."
    )
    finish_reason: str = Field(default="stop", alias="$finish_reason")

    @property
    def answer(self) -> str:
        """The text a caller gets."""
        if self.fault == "nonsense":
            return "\x00<html>{{ not an answer"
        return self.text if self.text is not None else json.dumps(self.data)


ScriptEntry = str | ScriptedAnswer | Mapping[str, JsonValue] | list[JsonValue]
Script = Mapping[str, Sequence[ScriptEntry]]
_ANSWERS = TypeAdapter(dict[str, list[JsonValue]])


class ScriptedEndpoint:
    """Answers by prompt id (`lyrics.line` for `lyrics.line@3`).

    With a seed, answer `seed % n` is given. Without one, order `content` starts at a place
    that depends only on the request, so that a resumed process gives the same answer to the
    same request, and repeats of a request go through the list; order `sequence` gives the
    answers as listed, whatever is asked. An answer with `when` goes first where it fits.
    """

    name = "scripted"
    real = False
    slots = 8

    def __init__(self, script: Script, *, order: Order = "content", small: bool = True) -> None:
        self._script = {prompt: [_entry(e) for e in given] for prompt, given in script.items()}
        self._order = order
        self._small = small
        self._asked: Counter[str] = Counter()
        self.calls: list[EndpointCall] = []

    @classmethod
    def from_file(cls, path: Path, *, order: Order = "content") -> ScriptedEndpoint:
        """Read a script: a JSON object from prompt id to a list of answers."""
        try:
            script = _ANSWERS.validate_json(path.read_bytes())
            return cls({k: [_from_json(e) for e in v] for k, v in script.items()}, order=order)
        except (OSError, ValidationError) as error:
            raise InvalidInput(
                f"The model script {path} cannot be used: {error}",
                field="model_script",
                remedy="Give a JSON file that maps prompt ids to lists of answers.",
            ) from error

    def traits(self, model: str) -> ModelTraits:
        """A small model, unless said otherwise, that can do everything."""
        return ModelTraits(
            model=model, small=self._small, context_tokens=8192, logprobs=True, prefill=True
        )

    async def chat(self, call: EndpointCall) -> EndpointReply:
        """The scripted answer."""
        answer = await self._perform(call)
        return EndpointReply(
            text=answer.answer,
            finish_reason=answer.finish_reason,
            usage=_usage(call, answer.answer),
            mean_logprob=answer.logprob if call.logprobs else None,
        )

    async def stream(self, call: EndpointCall) -> AsyncGenerator[Piece, None]:
        """The scripted answer, word by word."""
        answer = (await self._perform(call)).answer
        for number, word in enumerate(answer.split(" ")):
            yield Piece(text=word if number == 0 else f" {word}")
            await asyncio.sleep(0)
        yield Piece(usage=_usage(call, answer))

    async def aclose(self) -> None:
        """Nothing to close."""

    async def _perform(self, call: EndpointCall) -> ScriptedAnswer:
        self.calls.append(call)
        answer = self._choose(call)
        if answer.fault == "slow":
            await asyncio.sleep(answer.delay_s)
        if answer.fault == "timeout" or (
            answer.fault == "slow" and answer.delay_s >= call.timeout_s
        ):
            raise ModelTimeout("The scripted model did not answer in time.", endpoint=self.name)
        if answer.fault == "refuse":
            raise ModelUnavailable("The scripted model refuses.", endpoint=self.name)
        return answer

    def _choose(self, call: EndpointCall) -> ScriptedAnswer:
        prompt_id = call.prompt.partition("@")[0]
        answers = self._script.get(prompt_id)
        if not answers:
            raise InvalidInput(
                f"The model script has no answers for prompt `{prompt_id}`.",
                field="model_script",
                remedy=f"Add `{prompt_id}` to the script; it has {sorted(self._script)}.",
            )
        last = call.messages[-1].content if call.messages else ""
        fitting = [a for a in answers if a.when is not None and a.when in last]
        pool = fitting or [a for a in answers if a.when is None] or answers
        return pool[self._place(call, prompt_id) % len(pool)]

    def _place(self, call: EndpointCall, prompt_id: str) -> int:
        if call.sampling.seed is not None:
            return call.sampling.seed
        start = 0 if self._order == "sequence" else int(call.content_hash[:12], 16)
        asked = prompt_id if self._order == "sequence" else call.content_hash
        place = start + self._asked[asked]
        self._asked[asked] += 1
        return place


def _entry(entry: ScriptEntry) -> ScriptedAnswer:
    if isinstance(entry, ScriptedAnswer):
        return entry
    if isinstance(entry, str):
        return ScriptedAnswer(text=entry)
    return ScriptedAnswer(data=dict(entry) if isinstance(entry, Mapping) else list(entry))


def _from_json(entry: JsonValue) -> ScriptedAnswer:
    if isinstance(entry, dict) and entry and all(key.startswith("$") for key in entry):
        return ScriptedAnswer.model_validate(entry)
    return ScriptedAnswer(text=entry) if isinstance(entry, str) else ScriptedAnswer(data=entry)


def _usage(call: EndpointCall, answer: str) -> TokenUsage:
    asked = sum(estimate_tokens(message.content) for message in call.messages)
    return TokenUsage(
        prompt_tokens=asked, completion_tokens=estimate_tokens(answer), counted_by="none"
    )
