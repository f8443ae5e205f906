"""A prompt: a header that says what it wants and gives, and the turns of a chat."""

from __future__ import annotations

import hashlib
from typing import Literal

import yaml
from jinja2 import TemplateSyntaxError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import InvalidInput
from domain.ports.model import ChatMessage, Role, Tier
from prompts.rendering import TurnTemplate

Form = Literal["long", "short"]
_FENCE = "---"
_TURNS: dict[str, Role] = {
    "<<system>>": "system",
    "<<user>>": "user",
    "<<assistant>>": "assistant",
    "<<prefill>>": "assistant",
}


class Header(BaseModel):
    """What stands above a prompt's turns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    version: int = Field(ge=1)
    form: Form
    tier: Tier
    description: str = Field(min_length=10)
    inputs: dict[str, str] = Field(description="Name of each input, and what it holds.")
    untrusted: tuple[str, ...] = Field(
        default=(), description="Inputs from outside: only quoted, and only in user turns."
    )
    output: str = Field(description="`text`, `lines`, or the name of the answer's model.")


class Prompt:
    """One version of one prompt; rendering is strict in both directions."""

    def __init__(
        self, header: Header, turns: tuple[tuple[str, TurnTemplate], ...], text: str
    ) -> None:
        self.header = header
        self.text = text
        # Of the whole file: two prompts may call themselves by the same version.
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        self._turns = turns
        self._check()

    @classmethod
    def parse(cls, text: str, where: str) -> Prompt:
        """Read a prompt file; raises `InvalidInput` that says what is wrong and where."""
        try:
            head, body = _split(text)
            header = Header.model_validate(yaml.safe_load(head))
            turns = tuple((mark, TurnTemplate(part)) for mark, part in _turns(body))
            return cls(header, turns, text)
        except (ValidationError, ValueError, yaml.YAMLError, TemplateSyntaxError) as error:
            raise InvalidInput(
                f"the prompt {where} is broken: {error}",
                field="prompt",
                remedy="Mend the prompt file.",
            ) from error

    @property
    def ref(self) -> str:
        """Identity and version, such as `lyrics.line@3`."""
        return f"{self.header.id}@{self.header.version}"

    @property
    def own_words(self) -> tuple[str, ...]:
        """The text of every turn without inputs: what an answer must not copy from."""
        return tuple(words for _, turn in self._turns for words in turn.literals)

    def render(self, **inputs: object) -> tuple[ChatMessage, ...]:
        """The messages. Unknown and missing inputs are errors; values are data, not templates."""
        wanted, given = set(self.header.inputs), set(inputs)
        if wanted != given:
            raise InvalidInput(
                f"prompt {self.ref} lacks {sorted(wanted - given)} "
                f"and does not know {sorted(given - wanted)}",
                field="inputs",
                remedy=f"Give exactly: {', '.join(sorted(wanted))}.",
            )
        messages = []
        for mark, turn in self._turns:
            content = turn.render(inputs)
            if content or mark != "<<prefill>>":
                messages.append(ChatMessage(role=_TURNS[mark], content=content))
        return tuple(messages)

    def _check(self) -> None:
        used = {name for _, turn in self._turns for name in turn.variables}
        if used != set(self.header.inputs):
            raise ValueError(
                f"inputs and turns disagree about {sorted(used ^ set(self.header.inputs))}"
            )
        strangers = set(self.header.untrusted) - used
        if strangers:
            raise ValueError(f"untrusted names no input: {sorted(strangers)}")
        for mark, turn in self._turns:
            bare = turn.unquoted & set(self.header.untrusted)
            held = turn.variables & set(self.header.untrusted)
            if bare or (held and mark != "<<user>>"):
                raise ValueError(
                    f"untrusted {sorted(held)} may stand only in user turns, "
                    "as `{{ name | quoted }}`"
                )


def _split(text: str) -> tuple[str, str]:
    parts = text.split(f"{_FENCE}\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ValueError("a header between two lines of --- is missing")
    return parts[1], parts[2]


def _turns(body: str) -> list[tuple[str, str]]:
    turns: list[tuple[str, str]] = []
    for line in body.splitlines():
        if line.strip() in _TURNS:
            turns.append((line.strip(), ""))
        elif turns:
            mark, so_far = turns[-1]
            turns[-1] = (mark, f"{so_far}{line}\n")
        elif line.strip():
            raise ValueError(f"{line!r} stands before the first turn")
    marks = [mark for mark, _ in turns]
    if not marks or "<<prefill>>" in marks[:-1] or "<<system>>" in marks[1:]:
        raise ValueError("turns: a system turn comes first, a prefill comes last")
    return turns
