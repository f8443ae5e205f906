"""Act: look something up, write a directive down, or ask before what is risky."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.chat.actions import BY_NAME, LOOKS, ChatAction, refusal
from domain.directive import TEXT_MAX_CHARS
from domain.errors import GreenroomError
from domain.plain import plain_line
from domain.ports.chat import Asked, ToolBegun, ToolEnded
from domain.talk import Act, ActName
from domain.trimmed import trim_to_sentence
from graphs.chat.state import ChatContext, ChatState
from services.talk_looks import Found

_BEGUN: dict[str, str] = {
    "show_work": "looking at its songs",
    "show_numbers": "looking at its numbers",
    "show_doing": "looking at what it is doing",
    "show_posts": "looking at its posts",
    "show_directives": "looking at what the label asked for",
    "remember_directive": "writing down a directive",
}
_ACTS: dict[str, ActName] = {
    "start_song": "start_song",
    "start_post": "start_post",
    "pause": "pause",
    "resume": "resume",
    "revoke_directive": "revoke_directive",
}


async def act(state: ChatState, runtime: Runtime[ChatContext]) -> Command[Any]:
    """Do what was chosen, as far as the person's rights and the artist's status allow."""
    context = runtime.context
    action = BY_NAME[state["chosen"] or ""]
    about = state["about"] or context.ask.said
    why_not = refusal(action, context.actor, context.artist.status, may_ask=context.ask.may_ask)
    if why_not is not None:
        return _after(state, (why_not,), goto="word")
    if action.question is not None:
        return _after(state, await _ask(runtime, action, about), goto="word")
    if action.name in LOOKS:
        found = await _look(runtime, action, about)
    else:
        found = await _remember(runtime, action)
    goto = "word" if context.traits.small else "choose"
    return _after(state, found.facts, found.comments, goto=goto)


async def _look(runtime: Runtime[ChatContext], action: ChatAction, about: str) -> Found:
    looks, artist = runtime.context.parts.looks, runtime.context.artist
    ways: dict[str, Callable[[], Awaitable[Found]]] = {
        "show_work": lambda: looks.work(artist, f"{about} {runtime.context.ask.said}"),
        "show_numbers": lambda: looks.numbers(artist),
        "show_doing": lambda: looks.doing(artist),
        "show_posts": lambda: looks.posts(artist),
        "show_directives": lambda: looks.directives(artist),
    }
    return await _told(runtime, action, ways[action.name])


async def _remember(runtime: Runtime[ChatContext], action: ChatAction) -> Found:
    """In the person's own words: no model may change what was asked for."""
    context = runtime.context
    wish = Act(name="remember_directive", about=_wish(context.ask.said))

    async def remembered() -> Found:
        key = f"{context.ask.key}.{action.name}"
        cards = await context.parts.acts.do(context.actor, context.artist.id, wish, key)
        return Found(
            cards=cards, facts=(f"you wrote it down as a directive and keep to it: “{wish.about}”",)
        )

    return await _told(runtime, action, remembered)


async def _told(
    runtime: Runtime[ChatContext], action: ChatAction, way: Callable[[], Awaitable[Found]]
) -> Found:
    """Do it and tell people that it is done; a failure is told and ends nothing."""
    runtime.stream_writer(ToolBegun(tool=action.name, says=_BEGUN[action.name]))
    try:
        found = await way()
    except GreenroomError as error:
        why = f"{error.message}. {error.remedy or ''}".strip()
        runtime.stream_writer(ToolEnded(tool=action.name, says=_BEGUN[action.name], why=why))
        return Found(facts=(f"this did not work: {error.message}",))
    runtime.stream_writer(ToolEnded(tool=action.name, says=action.says, cards=found.cards))
    return found


async def _ask(runtime: Runtime[ChatContext], action: ChatAction, about: str) -> tuple[str, ...]:
    context = runtime.context
    wish, subject = _wish(context.ask.said), None
    if action.name == "revoke_directive":
        directive = await context.parts.looks.named_directive(context.artist.id, about)
        if directive is None:
            return ("the label has asked for nothing that still stands, so nothing is taken back",)
        wish, subject = directive.text, directive.id
    question = (action.question or "").format(about=wish)
    runtime.stream_writer(
        Asked(
            id=f"{context.ask.key}.{action.name}",
            text=question,
            act=Act(name=_ACTS[action.name], about=wish, subject_id=subject),
        )
    )
    return (f"you asked for a yes and have not begun anything yet: “{question}”",)


def _wish(said: str) -> str:
    return trim_to_sentence(plain_line(said), TEXT_MAX_CHARS)


def _after(
    state: ChatState, facts: tuple[str, ...], comments: tuple[str, ...] = (), *, goto: str
) -> Command[Any]:
    return Command(
        goto=goto,
        update={
            "done": [*state["done"], *facts],
            "comments": [*comments, *state["comments"]],
            "acts": state["acts"] + 1,
        },
    )
