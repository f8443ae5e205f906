"""The deployment files, read as what they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer
import typer.main
import yaml

from app.cli.main import cli
from runtime.settings import Settings
from scripts.rooms import ROOT

DEPLOY = ROOT / "deploy"
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?][^}]*)?\}")


def compose() -> dict[str, Any]:
    """compose.yaml with its anchors and merges resolved."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def settings_names() -> set[str]:
    """Every environment variable that the settings read."""
    return {f"GREENROOM_{name.upper()}" for name in Settings.model_fields}


def examples(path: Path) -> dict[str, str]:
    """Variables of an environment file, those that are commented out among them."""
    lines = re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", path.read_text(), re.MULTILINE)
    return dict(lines)


def parse_command(words: list[str]) -> None:
    """Parse a `greenroom` command line by the command's own parser; a wrong one raises."""
    group: Any = typer.main.get_command(cli)
    context = group.make_context("greenroom", list(words))
    left = _left(context)
    while hasattr(group, "resolve_command") and left:
        name, group, left = group.resolve_command(context, left)
        context = group.make_context(name, left, parent=context)
        left = _left(context)
    assert not left, f"{left} is left over"


def _left(context: Any) -> list[str]:
    return [*context._protected_args, *context.args]
