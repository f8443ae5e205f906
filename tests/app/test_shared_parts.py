"""A cycle in one process on the parts that many processes share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.checkpoints import WidePostgresSaver
from domain.actor import OPERATOR
from domain.post import PostStatus
from domain.run import RunStatus
from store.bucket import BucketMediaStore
from tests.support.bucket import KEYS, BucketServer, bucket_server
from tests.support.chroma import ChromaServer, chroma_server
from tests.support.database import PostgresServer
from tests.support.homes import debuted, quick_label, settled


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketServer]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with bucket_server() as server:
        yield server


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    with chroma_server(tmp_path) as server:
        yield server


async def test_a_cycle_on_postgres_a_bucket_and_a_chroma_server(
    tmp_path: Path, postgres: PostgresServer, bucket: BucketServer, chroma: ChromaServer
) -> None:
    shared: dict[str, Any] = {
        "database_url": postgres.new_database(),
        "media_url": bucket.media_url(),
        "chroma_url": chroma.url,
        "cache_dir": tmp_path / "one" / "cache",
    }
    async with quick_label(tmp_path / "one", None, **shared) as label:
        assert isinstance(label.ground.checkpoints, WidePostgresSaver)
        handle = await debuted(label)
        run = await label.house.runs.start(OPERATOR, handle, "cycle", approve="ask", seed=3)
        run = await settled(label, run.id)
        assert run.status is RunStatus.WAITING, run.failure
        approval = run.approval_id
    assert approval is not None
    # Another host goes on: its home is empty, and so is its cache.
    shared["cache_dir"] = tmp_path / "two" / "cache"
    async with quick_label(tmp_path / "two", None, **shared) as label:
        assert isinstance(label.media, BucketMediaStore)
        await label.house.approvals.decide(OPERATOR, approval, "approve")
        run = await settled(label, run.id)
        assert run.status is RunStatus.SUCCEEDED, run.failure
        view = await label.views.run(OPERATOR, run.id)
        assert [post.status for post in view.posts] == [PostStatus.PUBLISHED]
        for file in view.works[0].files:
            assert file.path.startswith("s3://")
            fetched = await label.media.path(file.sha256)
            assert fetched.stat().st_size == file.bytes
        found = await label.house.memory.recall(
            run.artist_id, ["episodic"], "what came out", now=label.house.clock.now()
        )
        assert any(memory.record.source_run_id == run.id for memory in found)
    assert not (tmp_path / "two" / "chroma").exists()
    assert not (tmp_path / "two" / "media").exists()
