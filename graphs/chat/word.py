"""Word: the answer in the artist's voice, piece by piece; then the talk is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from langgraph.runtime import Runtime

from agents.chat.window import Content, fit, tokens_of
from domain.ids import new_id
from domain.memory import MemoryRecord, hash_text
from domain.ports.chat import Finished, TextPiece
from domain.ports.model import ChatMessage, ModelRequest, ModelTraits, Sampling, TokenUsage
from domain.trimmed import trim_to_sentence
from graphs.chat.state import ChatContext, ChatState
from prompts import Form, Prompt

SHORT_ANSWER = 220
LONG_ANSWER = 800
# Other families split words otherwise than the vocabulary that counts.
SAFETY = 0.9
SAMPLES = 2
WORTH_WORDS = 6
REMEMBERED_CHARS = 300


async def word(state: ChatState, runtime: Runtime[ChatContext]) -> dict[str, Any]:
    """Stream the words and tell what they took."""
    context = runtime.context
    prompt, sampling = _prompt(context), _sampling(context)
    room = window_of(context.traits, sampling.max_tokens)

    counted: dict[str, int] = {}

    def count(text: str) -> int:
        # Most of it stays the same while the window is fitted.
        if text not in counted:
            counted[text] = context.parts.count(text, context.traits.model)
        return counted[text]

    def render(content: Content) -> Sequence[ChatMessage]:
        return _messages(prompt, context, content)

    messages = fit(_content(state, context), render, room, count)
    request = ModelRequest(
        tier=prompt.header.tier,
        prompt=prompt.ref,
        messages=messages,
        sampling=sampling,
        scope=context.scope,
        priority="chat",
    )
    said: list[str] = []
    async for piece in context.parts.gateway.stream(request):
        # A model's leading white space is no part of the answer.
        shown = piece if said else piece.lstrip()
        if shown:
            said.append(shown)
            runtime.stream_writer(TextPiece(text=shown))
    await _remember(state, context)
    used = count("".join(said))
    runtime.stream_writer(
        Finished(
            finish_reason="length" if used >= sampling.max_tokens else "stop",
            model=context.traits.model,
            usage=TokenUsage(
                prompt_tokens=tokens_of(messages, count),
                completion_tokens=used,
                counted_by="tiktoken",
            ),
        )
    )
    return {}


def window_of(traits: ModelTraits, answer_tokens: int) -> int:
    """How many tokens a request may have, so that the answer fits behind it."""
    return int((traits.context_tokens - answer_tokens) * SAFETY)


def _prompt(context: ChatContext) -> Prompt:
    form: Form = "short" if context.traits.small else "long"
    return context.parts.book.load("chat.answer", form)


def _sampling(context: ChatContext) -> Sampling:
    small, ask = context.traits.small, context.ask
    tokens = SHORT_ANSWER if small else LONG_ANSWER
    return Sampling(
        max_tokens=min(ask.max_tokens or tokens, context.traits.context_tokens // 2),
        temperature=0.7 if ask.temperature is None else ask.temperature,
        top_p=0.93,
        repeat_penalty=1.1 if small else None,
    )


def _content(state: ChatState, context: ChatContext) -> Content:
    return Content(
        said=context.ask.said,
        directives=context.directives,
        history=context.ask.history,
        remembered=tuple(state["remembered"]),
        comments=tuple(state["comments"]),
        samples=context.profile.voice.sample_lines[:SAMPLES],
        done=tuple(state["done"]),
        biography=context.profile.biography,
        summary=context.ask.summary,
    )


def _messages(prompt: Prompt, context: ChatContext, content: Content) -> list[ChatMessage]:
    given = {k: v for k, v in asdict(content).items() if k != "history"}
    system, *asked = prompt.render(
        **given,
        name=context.profile.stage_name,
        register=context.profile.voice.register_,
        themes=list(context.profile.themes[:4]),
        strangers=bool(content.comments),
        mood=context.artist.mood.decayed(context.parts.clock.now()).word(),
    )
    return [system, *_from_a_question(content.history), *asked]


def _from_a_question(history: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """Chat templates want the first word to be the person's."""
    first = next((n for n, m in enumerate(history) if m.role == "user"), len(history))
    return history[first:]


async def _remember(state: ChatState, context: ChatContext) -> None:
    """What a person tells at some length is remembered; a greeting or an order is not."""
    said = trim_to_sentence(" ".join(context.ask.said.split()), REMEMBERED_CHARS)
    if state["acts"] or len(said.split()) < WORTH_WORDS or said.endswith("?"):
        return
    text = f"Somebody from the label told me: “{said}”"
    now = context.parts.clock.now()
    record = MemoryRecord(
        id=new_id("memory"),
        created_at=now,
        updated_at=now,
        artist_id=context.artist.id,
        kind="relationship",
        text=text,
        happened_at=now,
        importance=0.3,
        source=f"talk:{context.ask.talk_id or 'elsewhere'}",
        text_sha256=hash_text(text),
    )
    await context.parts.memory.remember(record)
