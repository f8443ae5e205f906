"""Our packages carry common names: each must be ours, and each must be under the checks."""

import importlib.metadata
import json
import subprocess
import sys
import tomllib
from pathlib import Path

from scripts.rooms import OUTER, ROOT, layers, rooms

FIND = """
import importlib.util, json, sys
print(json.dumps({name: importlib.util.find_spec(name).origin for name in sys.argv[1:]}))
"""


def test_every_room_resolves_inside_the_repository_from_anywhere(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", FIND, *rooms()],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    origins = json.loads(found.stdout)
    assert {name: Path(path).parent for name, path in origins.items()} == {
        name: ROOT / name for name in rooms()
    }


def test_no_installed_distribution_brings_a_package_of_our_name() -> None:
    # Another distribution's `agents` or `evals` would win over ours without a word.
    assert set(importlib.metadata.packages_distributions()) & set(rooms()) == set()


def test_every_package_at_the_root_is_under_the_contracts() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"scripts"}
    in_layers = {room for layer in layers() for room in layer}
    assert packages == set(rooms())
    assert packages <= in_layers


def test_no_room_is_named_after_a_standard_module() -> None:
    assert set(rooms()) & sys.stdlib_module_names == set()


def test_coverage_counts_every_room_of_the_product() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert set(tool["coverage"]["run"]["source"]) == set(rooms()) - set(OUTER)


def test_importing_a_room_prints_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    code = "import sys, importlib; [importlib.import_module(name) for name in sys.argv[1:]]"
    product = [room for room in rooms() if room not in OUTER]
    result = subprocess.run(
        [sys.executable, "-c", code, *product],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert (result.stdout, result.stderr, list(tmp_path.iterdir())) == ("", "", [])


def test_the_command_answers_from_any_folder(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("greenroom")
    result = subprocess.run(
        [command, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "serve" in result.stdout
    assert list(tmp_path.iterdir()) == []
