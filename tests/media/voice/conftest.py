from __future__ import annotations

from pathlib import Path

import pytest

from media.voice.model import prepare


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared voice, once for all tests."""
    return prepare(tmp_path_factory.mktemp("voice"))
