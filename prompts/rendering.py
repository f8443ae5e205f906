"""Strict templates: values are data, never templates, and cannot speak as another role."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from jinja2 import StrictUndefined, meta, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.errors import InvalidInput

QUOTE_MAX_CHARS = 200
# Chat templates mark turns with <|...|>; llama.cpp reads such marks inside messages too.
_TURN_MARK = re.compile(r"<\s*\|+")


def as_data(value: object) -> object:
    """Take the power from marks that a chat template would read as the start of a turn."""
    return _TURN_MARK.sub("< ", value) if isinstance(value, str) else value


def quoted(value: str | Iterable[str]) -> str:
    """Text from outside as a block of quoted lines, each short and free of control marks."""
    texts = [value] if isinstance(value, str) else list(value)
    return "\n".join(f"> {_one_line(text)}" for text in texts) or "> (nothing)"


def _one_line(text: str) -> str:
    shown = "".join(
        ch for ch in unicodedata.normalize("NFC", text) if ch.isprintable() or ch.isspace()
    )
    flat = str(as_data(re.sub(r"\s+", " ", shown).strip()))
    return flat if len(flat) <= QUOTE_MAX_CHARS else f"{flat[:QUOTE_MAX_CHARS]}…"


_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    finalize=as_data,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)
_ENVIRONMENT.filters["quoted"] = quoted


class TurnTemplate:
    """The template of one turn."""

    def __init__(self, source: str) -> None:
        tree = _ENVIRONMENT.parse(source)
        self._template = _ENVIRONMENT.from_string(source)
        self.variables = frozenset(meta.find_undeclared_variables(tree))
        self.unquoted = frozenset(_unquoted(tree)) & self.variables
        self.literals = tuple(
            data.data for data in tree.find_all(nodes.TemplateData) if data.data.strip()
        )

    def render(self, inputs: Mapping[str, object]) -> str:
        """The turn's text without outer white space."""
        try:
            return self._template.render(inputs).strip()
        except (UndefinedError, SecurityError) as error:
            raise InvalidInput(f"a prompt lacks an input: {error}", field="inputs") from error


def _unquoted(tree: nodes.Template) -> set[str]:
    safe = {
        id(f.node) for f in tree.find_all(nodes.Filter) if f.name == "quoted" and f.node is not None
    }
    return {name.name for name in tree.find_all(nodes.Name) if id(name) not in safe}
