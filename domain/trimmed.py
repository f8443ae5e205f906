"""Text fields that forgive a small model for running on: cut back to the last full sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_SENTENCE_END = re.compile(r"[.!?…]['\"”’)]*(?=\s|$)")


def trim_to_sentence(text: str, longest: int) -> str:
    """At most `longest` characters, ending with a sentence, else with a word."""
    text = text.strip()
    if len(text) <= longest:
        return text
    ends = [m.end() for m in _SENTENCE_END.finditer(text) if m.end() <= longest]
    if ends:
        return text[: ends[-1]]
    head = text[: longest + 1].rpartition(" ")[0]
    return (head or text[:longest]).rstrip(" ,;:-–—")


@dataclass(frozen=True)
class Trimmed:
    """Marks an answer's text field: `reason: Annotated[str, Trimmed(200)]`.

    The schema allows `slack` times the length, because a hard `maxLength` makes a constrained
    model stop in the middle of a sentence; the value is then cut to `longest` characters.
    """

    longest: int
    slack: float = 1.4

    def __get_pydantic_core_schema__(
        self, source: type[str], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            lambda text: trim_to_sentence(text, self.longest), handler(source)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "maxLength": int(self.longest * self.slack)}
