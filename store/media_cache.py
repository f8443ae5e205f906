"""Copies of a bucket's files on this host, the least lately used thrown away first."""

from __future__ import annotations

import os
import time
from pathlib import Path

from store.content import each_file, place_of

LIMIT_BYTES = 4 << 30
# Who was given a path may open it only much later: a renderer waits for its turn.
SPARED_S = 3600.0
CHECKED_SHARE = 16


class MediaCache:
    """One folder, which the processes of a host share."""

    def __init__(
        self, root: Path, limit_bytes: int = LIMIT_BYTES, spared_s: float = SPARED_S
    ) -> None:
        self.root = root
        self._limit_bytes = limit_bytes
        self._spared_s = spared_s
        # Looked through at the first file, and then whenever a share of the limit has come in.
        self._unchecked_bytes = limit_bytes

    def find(self, sha256: str) -> Path | None:
        """The copy, if it is here; it counts as used now."""
        place = place_of(self.root, sha256)
        try:
            os.utime(place)
        except FileNotFoundError:
            return None
        return place

    def added(self, size_bytes: int) -> None:
        """Take note of a new copy, and make room if there are too many."""
        self._unchecked_bytes += size_bytes
        if self._unchecked_bytes * CHECKED_SHARE >= self._limit_bytes:
            self._unchecked_bytes = 0
            self.prune()

    def prune(self) -> int:
        """Throw away what was used longest ago until the rest fits; returns how many files."""
        files = sorted(each_file(self.root), key=lambda found: found[1].st_mtime)
        too_much = sum(status.st_size for _, status in files) - self._limit_bytes
        spared_from = time.time() - self._spared_s
        gone = 0
        for path, status in files:
            if too_much <= 0 or status.st_mtime > spared_from:
                break
            path.unlink(missing_ok=True)
            too_much -= status.st_size
            gone += 1
        return gone
