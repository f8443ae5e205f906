from __future__ import annotations

import asyncio
import re

import httpx

from domain.actor import OPERATOR, SYSTEM
from domain.approval import ApprovalStatus
from domain.errors import ModelTimeout
from domain.run import ToolCall
from tests.support.label import TestLabel, ask, cycle, debut, live_release, song, step

EVIL = '<script>alert("x")</script>'


async def test_an_empty_label_explains_what_to_do(operator: httpx.AsyncClient) -> None:
    page = (await operator.get("/operator")).text
    assert "no artist yet" in page
    assert "debut begins here" in page
    assert "Nobody is here yet" in (await operator.get("/operator/artists")).text


async def test_another_artist_from_the_form(label: TestLabel, operator: httpx.AsyncClient) -> None:
    answer = await operator.post(
        "/operator/artists", data={"brief": "Songs for trams.", "genre": "lofi", "seed": "9"}
    )
    assert answer.status_code == 303
    run = (await label.runs.page(OPERATOR))[0]
    assert answer.headers["location"] == f"/operator/runs/{run.id}"
    artist = (await label.artists.page(OPERATOR))[0]
    assert (artist.genre_pack, artist.seed, run.kind) == ("lofi", 9, "debut")


async def test_a_form_sent_twice_makes_one_artist_and_other_words_another(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    page = (await operator.get("/operator/artists")).text
    (key,) = re.findall(r'name="once" value="(\w+)"', page)
    refused = await operator.post("/operator/artists", data={"brief": " ", "once": key})
    assert (refused.status_code, len(await label.artists.page(OPERATOR))) == (422, 0)
    data = {"brief": "Songs for trams.", "once": key}
    first, second = await asyncio.gather(
        *(operator.post("/operator/artists", data=data) for _ in range(2))
    )
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert len(await label.artists.page(OPERATOR)) == 1
    await operator.post("/operator/artists", data=data | {"brief": "Songs for ferries."})
    assert len(await label.artists.page(OPERATOR)) == 2


async def test_what_is_wrong_with_the_form_stands_beside_the_field(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    cases = (
        ({"brief": "   "}, "brief", "The brief is empty"),
        ({"brief": "x" * 100_000}, "brief", "at most 4000"),
        ({"brief": "Songs.", "genre": "polka"}, "genre", "choose one of"),
        ({"brief": "Songs.", "seed": "many"}, "seed", "not a whole number"),
        ({"brief": "Songs.", "seed": str(2**31)}, "seed", "not a whole number"),
    )
    for data, field, words in cases:
        answer = await operator.post("/operator/artists", data=data)
        assert answer.status_code == 422
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text), field
        assert words in answer.text
    assert await label.artists.page(OPERATOR) == []


async def test_a_brief_is_shown_escaped(label: TestLabel, operator: httpx.AsyncClient) -> None:
    page = await operator.post(
        "/operator/artists", data={"brief": f"</textarea>{EVIL}", "genre": "polka"}
    )
    assert EVIL not in page.text
    assert "&lt;/textarea&gt;" in page.text


async def test_a_run_shows_its_steps_as_they_come(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    call = ToolCall(
        tool="recall_memories", arguments={"query": EVIL}, result={"found": [f"It rained. {EVIL}"]}
    )
    await step(label, run, "plan", f"A song. {EVIL}", tools=(call,))
    await label.runs.step_started(SYSTEM, run, "compose", 1)
    await label.runs.progress(SYSTEM, run, "synthesis", 0.42)
    for path in ("/operator", "/operator/live", f"/operator/runs/{run.id}/live"):
        page = (await operator.get(path)).text
        assert "synthesis" in page.casefold()
        assert '<progress value="0.42"' in page
        assert EVIL not in page
    whole = (await operator.get(f"/operator/runs/{run.id}")).text
    assert "What it saw and what it gave" in whole
    detail = await operator.get(f"/operator/runs/{run.id}/steps/1")
    assert "New plays" in detail.text
    assert "Recall memories" in detail.text
    assert "It rained." in detail.text
    assert EVIL not in detail.text
    assert (await operator.get(f"/operator/runs/{run.id}/steps/9")).status_code == 404


async def test_a_failed_run_names_the_remedy_and_can_be_resumed(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    await label.runs.step_started(SYSTEM, run, "write_lyrics", 1)
    error = ModelTimeout("the model did not answer", remedy="Check the endpoint.")
    await label.runs.fail(SYSTEM, run.id, "write_lyrics", error)
    page = (await operator.get(f"/operator/runs/{run.id}")).text
    home = (await operator.get("/operator")).text
    assert f"/operator/runs/{run.id}/resume" in home
    assert "the model did not answer" in home
    assert "The model did not answer" in page
    assert "Check the endpoint." in page
    assert "step-error" in page
    await label.engine.drain(2)
    label.jobs.clear()
    answer = await operator.post(f"/operator/runs/{run.id}/resume")
    assert answer.headers["location"] == f"/operator/runs/{run.id}"
    await label.engine.drain(2)
    assert label.jobs == [run.id]


async def test_the_approval_shows_what_is_decided_on(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    assert approval.id in (await operator.get("/operator")).text
    page = (await operator.get(f"/operator/approvals/{approval.id}")).text
    for wanted in (
        approval.digest,
        approval.digest[:12],
        "The radar draws a ring of green",
        "loudness is -14.1 LUFS",
        "nobody sings on this track",
        "Written between two and four",
        "Main artist, Composer",
    ):
        assert wanted in page, wanted
    sound = re.search(r'data-src="([^"]+\.mp3)"', page)
    assert sound
    assert (await operator.get(sound[1])).headers["content-type"] == "audio/mpeg"


def digest_in(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


async def test_approving_lets_the_run_go_on(label: TestLabel, operator: httpx.AsyncClient) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    path = f"/operator/approvals/{approval.id}"
    digest = digest_in((await operator.get(path)).text)
    answer = await operator.post(f"{path}/approve", data={"digest": digest})
    assert answer.headers["location"] == f"/operator/runs/{run.id}"
    assert (await label.approvals.get(OPERATOR, approval.id)).status is ApprovalStatus.APPROVED
    assert "This machine approved this 0 s ago" in (await operator.get(path)).text


async def test_rejecting_keeps_reason_and_words(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    path = f"/operator/approvals/{approval.id}"
    words = {"digest": approval.digest, "comment": "The bridge drifts."}
    unreasoned = await operator.post(f"{path}/reject", data=words)
    assert unreasoned.status_code == 422
    await operator.post(f"{path}/reject", data=words | {"reason": "lyrics"})
    page = (await operator.get(path)).text
    assert "This machine rejected this 0 s ago: lyrics." in page
    assert "The bridge drifts." in page


async def test_a_stale_page_approves_nothing(label: TestLabel, operator: httpx.AsyncClient) -> None:
    run = await cycle(label, await debut(label))
    first = await ask(label, run, await song(label, run))
    post_id = next(s.id for s in first.subjects if s.kind == "post")
    edited = await operator.post(
        f"/operator/approvals/{first.id}/posts/{post_id}", data={"text": "Out now."}
    )
    second = edited.headers["location"].rpartition("/")[2]
    assert second != first.id
    page = (await operator.get(edited.headers["location"])).text
    assert "Out now." in page
    for approval_id in (first.id, second):
        answer = await operator.post(
            f"/operator/approvals/{approval_id}/approve", data={"digest": first.digest}
        )
        assert answer.status_code == 409
        assert 'role="alert"' in answer.text
    assert (await label.approvals.get(OPERATOR, second)).status is ApprovalStatus.WAITING


async def test_artists_are_steered(label: TestLabel, operator: httpx.AsyncClient) -> None:
    artist = await debut(label)
    path = f"/operator/artists/{artist.handle}"
    started = await operator.post(f"{path}/runs")
    assert started.headers["location"].startswith("/operator/runs/run_")
    await operator.post(f"{path}/pause")
    assert "status-paused" in (await operator.get(path)).text
    refused = await operator.post(f"{path}/runs")
    assert refused.status_code == 409
    assert "Resume it first" in refused.text
    assert (await operator.post(f"{path}/applaud")).status_code == 422


async def test_past_runs_stay_with_their_works(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    release = await live_release(label, artist)
    page = (await operator.get(f"/operator/runs/{release.run_id}")).text
    assert "Succeeded" in page
    assert "Last Ferry Home" in page
    assert "last-ferry-home.mp3" in page
