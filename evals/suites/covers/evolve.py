"""Covers are drawn without a model: nothing here is a prompt."""

PROMPTS: tuple[str, ...] = ()
EVOLVES: tuple[str, ...] = ()
