from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import shell
from app.cli.main import main
from tests.support.homes import quick_environment


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def greenroom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command in this process, in a quick home of its own, with no terminal."""

    def run(*arguments: str, **changes: str) -> Answer:
        home = changes.pop("HOME_NAME", "home")
        for name, value in quick_environment(tmp_path / home).items():
            if name.startswith("GREENROOM_") or name == "NO_COLOR":
                monkeypatch.setenv(name, value)
        for name, value in changes.items():
            if value:
                monkeypatch.setenv(f"GREENROOM_{name}", value)
            else:
                monkeypatch.delenv(f"GREENROOM_{name}", raising=False)
        shell.out.width = shell.err.width = int(changes.pop("WIDTH", "200"))
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capfd.readouterr()
        for name in changes:
            monkeypatch.delenv(f"GREENROOM_{name}", raising=False)
        return Answer(int(ended.value.code or 0), said.out, said.err)

    return run
