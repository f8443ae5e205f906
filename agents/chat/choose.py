"""What to do next in a talk: by rules, by meaning, and by a strong model where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.chat.actions import ACTIONS, BY_NAME, TALK_EXAMPLES, ChatAction, by_rule
from agents.meaning import likeness
from domain.ports.model import CallScope, Embedder, ModelGateway, ModelRequest, Sampling
from prompts import SHIPPED, PromptBook

# Below this nothing is done by meaning alone; what changes something needs more.
LOOKS_LIKE = 0.60
SURELY = 0.68
# Words that are as close to plain talk as this need no strong model to say so.
PLAIN_TALK = 0.40
_TALK = "talk"
_STEP = Sampling(max_tokens=160, temperature=0.0)


class Choice(BaseModel):
    """An action by name and what it is about; no action: only talk. `sure`: no need to ask on."""

    model_config = ConfigDict(frozen=True)

    action: str | None = None
    about: str = ""
    chooser: str = "rules"
    sure: bool = True


class Step(BaseModel):
    """A strong model's answer; a tool that was not offered is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: Annotated[str, Field(max_length=40)]
    about: Annotated[str, Field(max_length=500)] = ""


async def by_meaning(said: str, embedder: Embedder) -> Choice:
    """Words that name an action decide; else the nearest example does, if it is near."""
    if named := by_rule(said):
        return Choice(action=named.name, about=said)
    options = {action.name: action.examples for action in ACTIONS} | {_TALK: TALK_EXAMPLES}
    near = await likeness(embedder, said, options)
    best = max(near, key=lambda name: near[name])
    if best == _TALK:
        return Choice(chooser="embeddings", sure=near[best] >= PLAIN_TALK)
    least = SURELY if BY_NAME[best].right == "steer" else LOOKS_LIKE
    if near[best] < least:
        return Choice(chooser="embeddings", sure=near[best] < PLAIN_TALK)
    return Choice(action=best, about=said, chooser="embeddings", sure=False)


async def by_model(
    gateway: ModelGateway,
    *,
    name: str,
    said: str,
    offered: Sequence[ChatAction],
    directives: Sequence[str],
    done: Sequence[str],
    scope: CallScope,
    book: PromptBook = SHIPPED,
) -> Choice:
    """The next tool that a strong model wants to use; raises a `ModelError`."""
    prompt = book.load("chat.step", "long")
    request = ModelRequest(
        tier=prompt.header.tier,
        prompt=prompt.ref,
        messages=prompt.render(
            name=name,
            directives=list(directives),
            tools=[f"{a.name}: {a.manual}" for a in offered],
            said=said,
            done=list(done),
        ),
        sampling=_STEP,
        scope=scope,
        priority="chat",
    )
    step = (await gateway.structured(request, Step)).value
    names = {action.name for action in offered}
    if step.tool not in names:
        return Choice(chooser="model")
    return Choice(action=step.tool, about=step.about or said, chooser="model")
