"""Where prompts are looked up: the shipped folder, or any other with the same shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain.errors import InvalidInput, NotFound
from prompts.prompt import Form, Prompt

FOLDER = Path(__file__).parent


class PromptBook:
    """A folder of prompts, each read once. Evolution hands a different book to the same code."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[tuple[str, Form], Prompt] = {}

    def load(self, prompt_id: str, form: Form) -> Prompt:
        """The prompt of this id and form."""
        known = self._read.get((prompt_id, form))
        return known or self._read.setdefault((prompt_id, form), self._parse(prompt_id, form))

    def __iter__(self) -> Iterator[Prompt]:
        """All prompts of the book, by name."""
        for path in sorted(self._folder.glob("*/*.md")):
            stem, _, form = path.stem.rpartition(".")
            yield self.load(f"{path.parent.name}.{stem}", "long" if form == "long" else "short")

    def _parse(self, prompt_id: str, form: Form) -> Prompt:
        group, _, name = prompt_id.partition(".")
        path = self._folder / group / f"{name}.{form}.md"
        if not path.is_file():
            raise NotFound(
                f"there is no prompt {prompt_id!r} in {form} form",
                field="prompt",
                remedy=f"Add the file {group}/{name}.{form}.md.",
            )
        prompt = Prompt.parse(path.read_text(encoding="utf-8"), path.name)
        if (prompt.header.id, prompt.header.form) != (prompt_id, form):
            raise InvalidInput(
                f"{path.name} calls itself {prompt.header.id} in {prompt.header.form} form",
                field="prompt",
                remedy="Name the file after its id and form.",
            )
        return prompt


SHIPPED = PromptBook(FOLDER)
