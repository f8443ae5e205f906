"""Choose: the next thing to do, or nothing more; strong models decide for themselves."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.chat.actions import BY_NAME, legal
from agents.chat.choose import by_model
from graphs.chat.state import ChatContext, ChatState

ACTS_MAX = 3


async def choose(state: ChatState, runtime: Runtime[ChatContext]) -> Command[Any]:
    """Go to the act or to the words.

    What rules and examples are sure of is not asked again: plain talk begins at once.
    """
    context, chosen = runtime.context, state["chosen"]
    if context.traits.small or (state["sure"] and state["acts"] == 0):
        goto = "act" if chosen and state["acts"] == 0 else "word"
        return Command(goto=goto)
    if state["acts"] >= ACTS_MAX:
        return Command(goto="word")
    offered = legal(context.actor, context.artist.status, may_ask=context.ask.may_ask)
    choice = await by_model(
        context.parts.gateway,
        name=context.profile.stage_name,
        said=context.ask.said,
        offered=offered,
        directives=context.directives,
        done=state["done"],
        scope=context.scope,
        book=context.parts.book,
    )
    if choice.action is None or choice.action not in BY_NAME:
        return Command(goto="word")
    return Command(goto="act", update={"chosen": choice.action, "about": choice.about})
