"""Rendered payloads as they were when somebody last looked at them.

After a wanted change run the tests with GREENROOM_REWRITE_GOLDEN=1 and read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def matches_golden(name: str, payload: object) -> None:
    """Compare with the kept file."""
    path = FOLDER / f"{name}.json"
    text = json.dumps(payload, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("GREENROOM_REWRITE_GOLDEN"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text
