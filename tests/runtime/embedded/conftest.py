from __future__ import annotations

from pathlib import Path

import pytest

from runtime.embedded.catalogue import EmbeddedModel, find
from runtime.embedded.store import ensure_model
from runtime.settings import Settings


@pytest.fixture(scope="session")
def smol() -> EmbeddedModel:
    return find("smollm2-135m")


@pytest.fixture
def cache_dir(tmp_path: Path, smol: EmbeddedModel) -> Path:
    """A cache of its own, with the user's copy of the model's file in it."""
    shared = ensure_model(smol, Settings().cache_dir)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / shared.name).symlink_to(shared)
    return tmp_path
