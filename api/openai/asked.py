"""What a client sends to `/v1/chat/completions`, in OpenAI's words.

Only what is decided on is named; whatever else a client sends is taken and has no effect.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]
EXAMPLE: JsonValue = {
    "model": "harbour-signal",
    "messages": [{"role": "user", "content": "What are you working on?"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}


class Part(BaseModel):
    """A piece of a message; artists read text, so `text` is the only type that is taken."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: str | None = None


class Message(BaseModel):
    """One line of the conversation as the client remembers it."""

    model_config = ConfigDict(extra="allow")

    role: Role
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    """Options of a streamed answer."""

    model_config = ConfigDict(extra="allow")

    include_usage: bool = False


class ResponseFormat(BaseModel):
    """The form of the answer; an artist talks, so `text` is the only one that is taken."""

    model_config = ConfigDict(extra="allow")

    type: str = "text"


class ChatAsked(BaseModel):
    """A chat completion to be made."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [EXAMPLE]})

    model: str = Field(description="The artist's handle, as `/v1/models` lists it.", min_length=1)
    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, description="Only 1: an artist gives one answer.")
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    response_format: ResponseFormat | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    functions: list[dict[str, Any]] | None = None
    function_call: str | dict[str, Any] | None = None
    logprobs: bool | None = None
    modalities: list[str] | None = None
    audio: dict[str, Any] | None = None
    user: str | None = Field(default=None, description="Taken, and not kept.")

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts that end an answer."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(text for text in given if text)

    @property
    def tokens_max(self) -> int | None:
        """How long the answer may be, by either of the two names."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with a chunk of usage."""
        return self.stream_options is not None and self.stream_options.include_usage
