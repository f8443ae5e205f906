from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel

from domain.actor import OPERATOR
from domain.errors import Forbidden, NotFound, ProviderInputInvalid
from domain.post import PostStatus
from domain.score import MoodPoint
from tests.graphs.build import context_of
from tests.services.build import artist, asked, ids, song
from tests.support import label as play
from tests.support.label import TestLabel
from tools.draw_cover import DrawCover, DrawnCover
from tools.package_song import PackagedSong, PackageSong, lyric_sheet
from tools.publish_post import PublishedPost, PublishPost
from tools.recall_memories import Memories, RecallMemories
from tools.registry import TOOLS, Toolbox
from tools.release_single import Released, ReleaseSingle
from tools.render_song import RenderedSong, RenderSong

ALL = tuple(tool.name for tool in TOOLS)


def test_every_tool_is_one_documented_async_function_with_frozen_arguments() -> None:
    assert len(set(ALL)) == len(ALL)
    assert list(ALL) == sorted(ALL)
    for tool in TOOLS:
        assert inspect.iscoroutinefunction(tool.call)
        assert tool.call.__name__ == tool.name
        assert len(tool.manual) > 20
        assert tool.arguments.model_config.get("frozen")
        # Whose work it is comes from the run, never from what a model says.
        assert "artist_id" not in tool.arguments.model_fields


def test_what_publishes_is_marked_so() -> None:
    risks = {tool.name: tool.risk for tool in TOOLS}
    assert {n for n, r in risks.items() if r == "publish"} == {"publish_post", "release_single"}
    assert risks["recall_memories"] == "read"


async def test_a_tool_not_granted_or_unknown_is_not_there(label: TestLabel) -> None:
    run = await play.cycle(label, await artist(label))
    tools = context_of(label, run).toolbox.context
    with pytest.raises(NotFound, match="rob_bank"):
        Toolbox(tools, ["recall_memories", "rob_bank"])
    box = Toolbox(tools, ["recall_memories"])
    for name in ("publish_post", "rob_bank", ""):
        with pytest.raises(Forbidden, match="not granted"):
            await box.use(name, PublishPost(post_id="post_x"), PublishedPost)
    found = await box.use("recall_memories", RecallMemories(query="songs"), Memories)
    assert found.found == ()


async def test_a_granted_tool_does_what_it_says(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    await label.approvals.decide(OPERATOR, approval.id, "approve")
    run = await label.runs.get(OPERATOR, approval.run_id)
    box = context_of(label, run, ALL).toolbox
    subjects = ids(approval)
    single = ReleaseSingle(release_id=subjects["release"])
    assert (await box.use("release_single", single, Released)).status == "live"
    out = await box.use("publish_post", PublishPost(post_id=subjects["post"]), PublishedPost)
    assert (out.status, out.remote_id) == ("published", f"stage_{subjects['post']}")


async def test_a_run_has_no_authority_over_another_artists_things(label: TestLabel) -> None:
    """Ids in arguments may come from a model; they must not widen what a run may do."""
    victim, other = await artist(label, "Victim"), await artist(label, "Other")
    approval = await asked(label, victim)
    await label.approvals.decide(OPERATOR, approval.id, "approve")
    subjects = ids(approval)
    (work,) = await label.works.of_artist(OPERATOR, victim.id)
    box = context_of(label, await play.cycle(label, other), ALL).toolbox
    tries: list[tuple[str, BaseModel, type[BaseModel]]] = [
        ("publish_post", PublishPost(post_id=subjects["post"]), PublishedPost),
        ("release_single", ReleaseSingle(release_id=subjects["release"]), Released),
        ("render_song", RenderSong(work_id=work.id, revision=0), RenderedSong),
        ("package_song", PackageSong(work_id=work.id, genre="x", disclosure="x"), PackagedSong),
        (
            "draw_cover",
            DrawCover(work_id=work.id, mood=MoodPoint(), seed=1, size_px=300),
            DrawnCover,
        ),
    ]
    for name, arguments, result in tries:
        with pytest.raises(Forbidden, match="another artist"):
            await box.use(name, arguments, result)
    post = await label.catalogue.post(OPERATOR, subjects["post"])
    assert post.status is PostStatus.APPROVED


async def test_what_is_missing_is_named_before_any_engine_starts(label: TestLabel) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    work = await song(label, run)
    box = context_of(label, run, ALL).toolbox
    with pytest.raises(ProviderInputInvalid, match="score"):
        await box.use("render_song", RenderSong(work_id=work.id, revision=0), RenderedSong)
    with pytest.raises(ProviderInputInvalid, match="flac"):
        await box.use(
            "package_song", PackageSong(work_id=work.id, genre="x", disclosure="x"), PackagedSong
        )
    with pytest.raises(NotFound):
        await box.use("publish_post", PublishPost(post_id="post_unknown"), PublishedPost)


async def test_the_lyric_sheet_reads_as_people_read_it(label: TestLabel) -> None:
    who = await artist(label)
    work = await song(label, await play.cycle(label, who))
    sheet = lyric_sheet(work)
    assert sheet.startswith("[Verse]\nThe radar draws a ring of green\n")
    assert sheet.count("\n\n[") == len(work.lyrics) - 1
