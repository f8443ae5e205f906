"""The words models are given: prompt files with headers, and the loader that renders them.

A prompt `lyrics.line` in short form stands in `lyrics/line.short.md`.
"""

from prompts.book import SHIPPED, PromptBook
from prompts.prompt import Form, Header, Prompt

__all__ = ["SHIPPED", "Form", "Header", "Prompt", "PromptBook", "load"]


def load(prompt_id: str, form: Form) -> Prompt:
    """The shipped prompt of this id and form; raises `NotFound` or `InvalidInput`."""
    return SHIPPED.load(prompt_id, form)
