"""Pages with a part that a script writes: put it in, or tell that it is out of date."""

from __future__ import annotations

import argparse
from pathlib import Path

BEGIN = "<!-- written by `make docs`; edit the source, not these lines -->"
END = "<!-- end of the written part -->"


def fill(page: Path, part: str) -> str:
    """Return the page with `part` between its two marks."""
    text = page.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"{page}: the marks of the written part are missing")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{part.strip()}\n\n{END}{after}"


def write_or_check(page: Path, part: str, about: str | None) -> None:
    """Write the page; with `--check` only compare it, and end with 1 where it differs."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--check", action="store_true", help="change nothing, only compare")
    check = parser.parse_args().check
    fresh = fill(page, part)
    if fresh == page.read_text():
        return
    if check:
        raise SystemExit(f"{page.name} is out of date: give `make docs` and commit it")
    page.write_text(fresh)
    print(f"wrote {page.name}")
