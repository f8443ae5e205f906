"""Nothing tracked names a package index, somebody's home folder, or a secret."""

import re

import pytest

from tests.house.tracked import tracked_files

# Written in pieces, so that this file does not find itself.
INDEXES = ("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", r"deb\." + "debian")
HOMES = ("/ho" + r"me/\w+/", "/Us" + r"ers/\w+/", "/ro" + "ot/")
SECRETS = (
    r"\bs" + r"k-[A-Za-z0-9_-]{20,}",
    r"\bgh" + r"[pousr]_[A-Za-z0-9]{30,}",
    r"\bAK" + r"IA[0-9A-Z]{16}\b",
    r"\bxo" + r"x[abpr]-[0-9A-Za-z-]{10,}",
    "-----BEGIN [A-Z ]*PRIV" + "ATE KEY",
)
FORBIDDEN = re.compile("|".join((*INDEXES, *HOMES, *SECRETS)), re.IGNORECASE)


def test_tracked_text_is_clean() -> None:
    findings = []
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" in data[:8000]:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if FORBIDDEN.search(line):
                findings.append(f"{path}:{number}: {line[:120]}")
    assert findings == []


@pytest.mark.parametrize(
    "line",
    [
        "index-url = https://" + "pypi" + ".org/simple",
        "path = /ho" + "me/ada/greenroom",
        "key = s" + "k-" + "a1" * 16,
        "-----BEGIN EC PRIV" + "ATE KEY-----",
    ],
)
def test_a_planted_line_is_noticed(line: str) -> None:
    assert FORBIDDEN.search(line)


def test_large_files_are_explained() -> None:
    third_party = next(path for path in tracked_files("THIRD_PARTY.md")).read_text()
    large = [path for path in tracked_files() if path.stat().st_size > 3_000_000]
    assert [path.name for path in large if path.name not in third_party] == []
