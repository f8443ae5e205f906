"""A label on real SQLite; one migration serves all tests."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.migrate import upgrade
from tests.support.label import TestLabel, open_label


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{folder / 'label.db'}"))
    return folder / "label.db"


@pytest.fixture
async def label(migrated: Path, tmp_path: Path) -> AsyncIterator[TestLabel]:
    shutil.copy(migrated, tmp_path / "label.db")
    async with open_label(tmp_path) as opened:
        yield opened
