"""A book on trial: the shipped prompts that a suite uses, some of them replaced by others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.errors import InvalidInput, NotFound
from prompts import SHIPPED, Form, Prompt, PromptBook


class TrialBook(PromptBook):
    """Opens only the groups that the suite says it uses: the others are not in its digest."""

    def __init__(
        self, base: PromptBook, groups: Sequence[str], replaced: Sequence[Prompt] = ()
    ) -> None:
        self._base = base
        self._groups = frozenset(groups)
        self._replaced = {(p.header.id, p.header.form): p for p in replaced}
        self._check()

    def load(self, prompt_id: str, form: Form) -> Prompt:
        """The prompt of this id and form, as it is on trial."""
        if prompt_id.partition(".")[0] not in self._groups:
            raise InvalidInput(
                f"the suite used the prompt {prompt_id!r}, which it does not name",
                field="prompts",
                remedy="Add the prompt's group to PROMPTS in the suite's evolve.py.",
            )
        return self._replaced.get((prompt_id, form)) or self._base.load(prompt_id, form)

    def __iter__(self) -> Iterator[Prompt]:
        """All prompts that the suite may use, by name."""
        for prompt in self._base:
            if prompt.header.id.partition(".")[0] in self._groups:
                yield self.load(prompt.header.id, prompt.header.form)

    @property
    def refs(self) -> tuple[str, ...]:
        """The prompts as `id@version (form)`."""
        return tuple(f"{p.ref} ({p.header.form})" for p in self)

    @property
    def replaced(self) -> tuple[str, ...]:
        """Those that are not as shipped."""
        changed = sorted(self._replaced.values(), key=lambda p: (p.header.id, p.header.form))
        return tuple(f"{p.ref} ({p.header.form}) {p.digest[:12]}" for p in changed)

    @property
    def digest(self) -> str:
        """Equal for books of the same texts."""
        return hashlib.sha256(" ".join(p.digest for p in self).encode()).hexdigest()

    def _check(self) -> None:
        for prompt in self._replaced.values():
            known = self.load(prompt.header.id, prompt.header.form)
            if set(known.header.inputs) ^ set(prompt.header.inputs):
                raise InvalidInput(
                    f"{prompt.ref} takes other inputs than the prompt it replaces",
                    field="prompt",
                    remedy=f"It must take exactly: {', '.join(sorted(known.header.inputs))}.",
                )


def find_prompt(named: str, book: PromptBook = SHIPPED) -> list[Prompt]:
    """A prompt on trial: a file, or `id@version` of a book, in every form it has there."""
    path = Path(named)
    if path.suffix == ".md":
        return [_read(path)]
    prompt_id, _, version = named.partition("@")
    forms = [p for p in book if p.header.id == prompt_id]
    found = [p for p in forms if version in ("", str(p.header.version))]
    if not found:
        known = ", ".join(dict.fromkeys(p.ref for p in forms or book))
        raise NotFound(
            f"there is no prompt {named!r}",
            field="prompt",
            remedy=f"Name a prompt file that ends in .md, or one of: {known}.",
        )
    return found


def _read(path: Path) -> Prompt:
    try:
        return Prompt.parse(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"the prompt {path} cannot be read: {error}",
            field="prompt",
            remedy="Name a readable file of UTF-8 text.",
        ) from error
