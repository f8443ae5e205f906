"""Which code answers: its digest tells known answers of today's code from those of yesterday's."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

# What decides an answer besides prompts and suite.
ROOMS = ("agents", "domain", "graphs", "media", "memory", "packs", "tools")
# Who answers: they live here, and are part of every question.
PERSONAS = ("evals/personas.py", "evals/personas.yaml")
_HOUSE = Path(__file__).parents[1]


@cache
def code_digest() -> str:
    """Equal while no module or data file of these rooms has changed."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((_HOUSE / room).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(f"{path.relative_to(_HOUSE)}\n".encode())
                digest.update(path.read_bytes())
    for name in PERSONAS:
        digest.update((_HOUSE / name).read_bytes())
    return digest.hexdigest()
