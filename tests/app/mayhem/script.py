"""A script for many cycles: an artist says nothing twice, so there must be enough to say."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.scripts import Script, full_script, lyric_lines

LINES = 600
TITLES = 200


def wide_script() -> Script:
    """The tests' script with many more posts, stories and titles."""
    lines = lyric_lines(LINES)
    return full_script() | {
        "post.update": [f"{line}, and I wrote that down before breakfast." for line in lines],
        "post.announcement": [f"{line}; that is all I will say about it." for line in lines],
        "song.story": [f"{line}. Somebody counts to ten and goes home." for line in lines],
        "song.title": [_title(line) for line in lines[:TITLES]],
    }


def write_script(folder: Path) -> Path:
    """The same as a file for `model_script`."""
    file = folder / "script.json"
    file.write_text(json.dumps(wide_script()))
    return file


def _title(line: str) -> str:
    """A title of a line's things: no two of the first lines share both."""
    words = line.split()
    return f"{words[1].capitalize()} {words[-1].capitalize()}"
