from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from app import client
from app.cli import shell
from app.cli.main import main
from tests.support.homes import quick_environment
from tests.support.label import TOKEN, debut, open_label

WHO = "harbour-signal"


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


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a label without a worker, which the commands open in this process."""

    @asynccontextmanager
    async def in_process(*_: object, **__: object) -> AsyncIterator[httpx.AsyncClient]:
        async with open_label(tmp_path) as label:
            transport = httpx.ASGITransport(create_app(label.context()))
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", headers=headers
            ) as http:
                yield http

    monkeypatch.setattr(client, "in_process", in_process)
    return tmp_path


@pytest.fixture
def debuted(home: Path) -> Path:
    """The same folder, whose label has one artist: `WHO`."""

    async def populate() -> None:
        async with open_label(home) as label:
            await debut(label, portrait=b"portrait", banner=b"banner")

    asyncio.run(populate())
    return home
