"""The script that lets pages follow the event log."""

from __future__ import annotations

import re
from typing import get_args

from api.web.static_files import STATIC
from domain.event import EventKind


def test_pages_hear_of_every_kind_of_event() -> None:
    script = (STATIC / "live.js").read_text(encoding="utf-8")
    heard = re.search(r"for \(const kind of \[(.*?)\]\)", script, re.DOTALL)
    assert heard is not None
    assert sorted(re.findall(r'"([a-z.]+)"', heard[1])) == sorted(get_args(EventKind))
