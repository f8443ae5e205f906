"""What a client remembers of the jobs it met."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import NotFound
from tools.vendors.music.folder import Folders, JobFolder


def test_the_jobs_met_last_are_known_and_no_more(tmp_path: Path) -> None:
    folders = Folders(most=2)
    kept = {name: JobFolder("alpha", name, tmp_path) for name in ("one", "two", "three")}
    folders.put("one", kept["one"])
    folders.put("two", kept["two"])
    folders.put("one", kept["one"])
    folders.put("three", kept["three"])
    assert (folders.of("one"), folders.of("three")) == (kept["one"], kept["three"])
    with pytest.raises(NotFound, match="two"):
        folders.of("two")
