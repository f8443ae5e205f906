"""A prompt file as named sections that may change, between words that may not.

The header, the question at the end and what is put into the model's mouth stay as they are. What
changes: the system turn, by its `## headings` where it has some (a rubric is such a part), and the
examples, which are all turns between the system turn and the question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from domain.errors import InvalidInput
from prompts import Prompt

_TURN = re.compile(r"^<<(system|user|assistant|prefill)>>$", re.M)
_HEADING = re.compile(r"^## +(.+)$", re.M)
_VERSION = re.compile(r"^version: *\d+$", re.M)
# A prompt that only ever grows is paid for with every call.
GROWS_AT_MOST = 3.0


def sections_of(prompt: Prompt) -> dict[str, str]:
    """What may change, by name: `post.update/system`, `post.update/examples`."""
    return {name: part.strip() for name, part in _parts(prompt) if name}


def with_sections(prompt: Prompt, texts: Mapping[str, str]) -> Prompt:
    """The prompt with other sections, a version on; raises `InvalidInput` when it is no prompt."""
    body = "".join(_said(part, texts.get(name)) for name, part in _parts(prompt))
    if body == _body(prompt):
        return prompt
    if len(body) > GROWS_AT_MOST * len(_body(prompt)):
        raise InvalidInput(
            f"{prompt.ref} grew to more than {GROWS_AT_MOST:g} times its length",
            field="prompt",
            remedy="Say it in fewer words.",
        )
    head = prompt.text[: len(prompt.text) - len(_body(prompt))]
    head = _VERSION.sub(f"version: {prompt.header.version + 1}", head, count=1)
    made = Prompt.parse(head + body, f"{prompt.header.id} as proposed")
    if _frame(made) != _frame(prompt) or not all(_fits(*each) for each in texts.items()):
        raise InvalidInput(
            f"{prompt.ref} lost its turns or its question",
            field="prompt",
            remedy="Change the words inside a turn; begin no turn of another kind.",
        )
    return made


def replaced(prompts: Sequence[Prompt], texts: Mapping[str, str]) -> list[Prompt]:
    """Those of the prompts that these sections change."""
    made = [(prompt, with_sections(prompt, texts)) for prompt in prompts]
    return [new for old, new in made if new is not old]


def _body(prompt: Prompt) -> str:
    return prompt.text.split("---\n", 2)[2]


def _parts(prompt: Prompt) -> list[tuple[str, str]]:
    """The body in order, each piece with its section's name, or none where it may not change."""
    body, name = _body(prompt), prompt.header.id
    marks = list(_TURN.finditer(body))
    question = [i for i, mark in enumerate(marks) if mark.group(1) == "user"][-1]
    begins = 1 if marks[0].group(1) == "system" else 0
    parts: list[tuple[str, str]] = []
    if begins:
        end = marks[1].start() if len(marks) > 1 else len(body)
        parts.append(("", body[: marks[0].end()]))
        parts += _headed(f"{name}/system", body[marks[0].end() : end])
    if question > begins:
        parts.append((f"{name}/examples", body[marks[begins].start() : marks[question].start()]))
    parts.append(("", body[marks[question].start() :]))
    return parts


def _headed(name: str, text: str) -> list[tuple[str, str]]:
    found = list(_HEADING.finditer(text))
    if not found:
        return [(name, text)]
    parts = [(name, text[: found[0].start()])] if text[: found[0].start()].strip() else []
    ends = [*(each.start() for each in found), len(text)]
    for heading, (_, end) in zip(found, pairwise(ends), strict=True):
        parts.append(("", text[heading.start() : heading.end()]))
        parts.append((f"{name}/{heading.group(1).strip().lower()}", text[heading.end() : end]))
    return parts


def _said(part: str, text: str | None) -> str:
    if text is None or text.strip() == part.strip():
        return part
    opens = "" if _TURN.match(text.strip()) else "\n"
    return f"{opens}{text.strip()}\n"


def _fits(name: str, text: str) -> bool:
    """Examples are pairs of question and answer; other sections begin no turn."""
    turns = _TURN.findall(text)
    if not name.endswith("/examples"):
        return not turns and not _HEADING.search(text)
    return turns == ["user", "assistant"] * (len(turns) // 2)


def _frame(prompt: Prompt) -> tuple[list[str], str]:
    """Which sections there are, and the words that may not change."""
    parts = _parts(prompt)
    return [name for name, _ in parts if name], "".join(part for name, part in parts if not name)
