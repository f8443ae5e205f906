"""Links inside the repository lead somewhere, and every page can be reached."""

import re
from pathlib import Path

from scripts.rooms import ROOT
from tests.house.tracked import tracked_files

LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def links(page: Path) -> list[Path]:
    """List the files that a page links to, without anchors."""
    targets = [first or second for first, second in LINK.findall(CODE.sub("", page.read_text()))]
    inside = [target for target in targets if not re.match(r"[a-z]+:|#", target)]
    return [(page.parent / target.split("#")[0]).resolve() for target in inside]


def test_links_resolve() -> None:
    pages = tracked_files("*.md")
    assert ROOT / "README.md" in pages
    broken = [f"{page.name}: {link}" for page in pages for link in links(page) if not link.exists()]
    assert broken == []


def test_every_page_of_the_docs_is_reachable_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen and page.suffix == ".md" and page.exists():
            seen.add(page)
            waiting += links(page)
    assert [page for page in tracked_files("docs/*.md") if page not in seen] == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[gone](missing.md#part) [out](https://example.org) `[code](x.md)`\n")
    assert links(page) == [tmp_path / "missing.md"]
