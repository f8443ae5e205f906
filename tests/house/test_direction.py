"""The import contracts hold, and they would notice an import that points up."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.rooms import ROOT, rooms

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The modules of all rooms and the contracts, in a folder where a test may plant a fault."""
    target = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / ".importlinter", target)
    for room in rooms():
        for source in (ROOT / room).rglob("*.py"):
            place = target / source.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)
    return target


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("room", "planted", "contract"),
    [
        ("domain", "import app", "Imports point down"),
        ("services", "import graphs", "Imports point down"),
        ("store", "import memory", "Imports point down"),
        ("runtime", "import packs", "Imports point down"),
        ("evals", "import api", "Imports point down"),
        ("media", "import runtime", "Pure rooms know the domain and no mechanism"),
        ("api", "import agents", "The API sees services, runtime and domain only"),
        ("services", "import mutagen", "The GPL tag library stays in media.tags"),
        ("app", "import dbos", "The durable engine stays behind its port"),
        ("graphs", "import chromadb", "The vector database stays in memory"),
    ],
)
def test_a_planted_import_is_noticed(copy: Path, room: str, planted: str, contract: str) -> None:
    fault = copy / room / "planted.py"
    fault.write_text(f'"""A fault."""\n\n{planted}\n')
    try:
        result = lint(copy)
    finally:
        fault.unlink()
    assert result.returncode == 1, result.stdout
    assert f"{contract} BROKEN" in result.stdout
