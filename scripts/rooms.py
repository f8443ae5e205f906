"""The rooms of the house, read from the one place that names them: `.importlinter`."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Rooms above the product: they measure and test it, and no picture of the product shows them.
OUTER = ("tests", "benchmarks")


def rooms() -> tuple[str, ...]:
    """Name every package that stands at the root and is checked."""
    return tuple(_contracts()["importlinter"]["root_packages"].split())


def layers() -> list[list[str]]:
    """List the rooms layer by layer, the highest first."""
    lines = _contracts()["importlinter:contract:order"]["layers"].split("\n")
    return [re.findall(r"\w+", line) for line in lines if line.strip()]


def _contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser
