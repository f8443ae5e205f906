"""File names that every file system takes."""

from __future__ import annotations

import re
import unicodedata


def file_stem(title: str) -> str:
    """A plain file stem of a title; `untitled` where no letter survives."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "untitled"
