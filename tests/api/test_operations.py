from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.artist import Artist
from domain.errors import ModelRejected
from domain.ports.engine import WorkerView
from domain.run import Run, RunStatus
from tests.support.label import START, TestLabel, debut, profile

EVIL = '<script>alert("x")</script>'
ROOT = "/api/v1/operations"
PAGE = "/operator/operations"


@pytest.fixture
async def asked(label: TestLabel, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One worker is at work; collects who was asked to drain."""
    asked: list[str] = []
    worker = WorkerView(
        id="attic-7", host="attic", pid=7, concurrency=4, running=1, started_at=START,
        silent_s=0.5, state="working",
    )  # fmt: skip

    async def workers() -> Sequence[WorkerView]:
        return [worker]

    async def ask_to_drain(worker_id: str) -> None:
        asked.append(worker_id)

    monkeypatch.setattr(label.engine, "workers", workers)
    monkeypatch.setattr(label.engine, "ask_to_drain", ask_to_drain)
    return asked


async def failed(label: TestLabel, who: Artist, message: str = "the key is refused") -> Run:
    run = await label.runs.start(OPERATOR, who.handle)
    await label.runs.begin(SYSTEM, run.id)
    error = ModelRejected(message, remedy="Check GREENROOM_MODEL_KEY.")
    return await label.runs.fail(SYSTEM, run.id, "write", error)


async def status_of(label: TestLabel, run: Run) -> RunStatus:
    return (await label.runs.get(OPERATOR, run.id)).status


async def test_the_overview_tells_it_all(
    label: TestLabel, api: httpx.AsyncClient, asked: list[str]
) -> None:
    who = await debut(label)
    run = await failed(label, who)
    found = (await api.get(ROOT)).json()
    assert [w["id"] for w in found["workers"]] == ["attic-7"]
    assert [d["run_id"] for d in found["dead"]["items"]] == [run.id]
    assert found["dead_kinds"] == [{"code": "model_rejected", "total": 1}]
    assert (await api.get(f"{ROOT}/workers")).json() == found["workers"]


async def test_dead_letters_are_listed_by_artist_and_paged(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    one, two = await debut(label), await debut(label, profile("Tram Ghosts"))
    mine, other = await failed(label, one), await failed(label, two)
    page = (await api.get(f"{ROOT}/dead-letters", params={"limit": 1})).json()
    assert [d["run_id"] for d in page["items"]] == [other.id]
    rest = await api.get(f"{ROOT}/dead-letters", params={"after": page["next"]})
    assert [d["run_id"] for d in rest.json()["items"]] == [mine.id]
    of_one = await api.get(f"{ROOT}/dead-letters", params={"artist": one.handle})
    assert [d["run_id"] for d in of_one.json()["items"]] == [mine.id]
    assert (await api.get(f"{ROOT}/dead-letters", params={"code": "x"})).json()["items"] == []
    nobody = await api.get(f"{ROOT}/dead-letters", params={"artist": "nobody"})
    assert nobody.status_code == 404


async def test_one_dead_letter_is_replayed_another_discarded(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    who = await debut(label)
    one, two = await failed(label, who), await failed(label, who)
    answer = await api.post(f"{ROOT}/dead-letters/{one.id}/replay")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert (await api.get(answer.headers["location"])).json()["id"] == one.id
    answer = await api.post(f"{ROOT}/dead-letters/{two.id}/discard", json={"why": "a joke"})
    assert (answer.json()["status"], answer.json()["discarded"]) == ("cancelled", "a joke")
    again = await api.post(f"{ROOT}/dead-letters/{two.id}/discard", json={})
    assert (again.status_code, again.json()["title"]) == (409, "conflict")
    long = await api.post(f"{ROOT}/dead-letters/{one.id}/discard", json={"why": "x" * 501})
    assert (long.status_code, long.json()["field"]) == (422, "why")


async def test_only_dead_letters_that_fit_are_swept(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    one, two = await debut(label), await debut(label, profile("Tram Ghosts"))
    mine, other = await failed(label, one), await failed(label, two)
    swept = await api.post(f"{ROOT}/dead-letters/replay", json={"artist": one.handle})
    assert swept.json() == {"done": [mine.id], "refused": [], "left": 0}
    assert await status_of(label, other) is RunStatus.FAILED
    odd = await api.post(f"{ROOT}/dead-letters/discard", json={"artists": two.handle})
    assert odd.status_code == 422
    assert await status_of(label, other) is RunStatus.FAILED
    await api.post(f"{ROOT}/dead-letters/discard", json={"code": "model_rejected"})
    assert await status_of(label, other) is RunStatus.CANCELLED


async def test_a_worker_is_drained(api: httpx.AsyncClient, asked: list[str]) -> None:
    answer = await api.post(f"{ROOT}/workers/attic-7/drain")
    assert (answer.status_code, asked) == (202, ["attic-7"])
    assert answer.headers["location"] == f"{ROOT}/workers"
    unknown = await api.post(f"{ROOT}/workers/cellar/drain")
    assert (unknown.status_code, asked) == (404, ["attic-7"])
    assert "attic-7" in unknown.json()["remedy"]


@pytest.mark.parametrize("act", ["dead-letters/replay", "workers/attic-7/drain"])
async def test_strangers_do_nothing(visitor: httpx.AsyncClient, asked: list[str], act: str) -> None:
    assert (await visitor.get(ROOT)).status_code == 401
    assert (await visitor.post(f"{ROOT}/{act}", json={})).status_code == 401
    assert (await visitor.get(PAGE)).status_code == 401
    assert (await visitor.post(f"{PAGE}/{act}")).status_code == 401
    assert asked == []


async def test_an_idle_engine_room_says_so(operator: httpx.AsyncClient, asked: list[str]) -> None:
    page = (await operator.get(PAGE)).text
    assert "Nothing waits. One worker is at work." in page
    assert "waits here until you replay or discard it" in page
    assert 'role="alert"' not in page


async def test_the_page_shows_a_dead_letter_with_its_remedy(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    run = await failed(label, await debut(label), f"the key is refused {EVIL}")
    for path in (PAGE, f"{PAGE}/live"):
        page = (await operator.get(path)).text
        assert "The key is refused" in page
        assert "Check GREENROOM_MODEL_KEY." in page
        assert f"{PAGE}/dead-letters/{run.id}/discard" in page
        assert EVIL not in page


async def test_buttons_replay_discard_and_drain(
    label: TestLabel, operator: httpx.AsyncClient, asked: list[str]
) -> None:
    who = await debut(label)
    one, two = await failed(label, who), await failed(label, who)
    answer = await operator.post(f"{PAGE}/dead-letters/{one.id}/replay")
    assert answer.headers["location"] == f"{PAGE}?done=replayed"
    assert (
        "One run went back into the queue" in (await operator.get(answer.headers["location"])).text
    )
    await operator.post(f"{PAGE}/dead-letters/{two.id}/discard", data={"why": "a joke"})
    assert (await label.runs.get(OPERATOR, two.id)).discarded == "a joke"
    again = await operator.post(f"{PAGE}/dead-letters/{two.id}/discard")
    assert (again.status_code, "Only a failed run" in again.text) == (409, True)
    await operator.post(f"{PAGE}/workers/attic-7/drain")
    assert asked == ["attic-7"]
    assert (await operator.post(f"{PAGE}/workers/cellar/drain")).status_code == 404


async def test_all_of_a_kind_are_swept_from_the_page(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    who = await debut(label)
    runs = [await failed(label, who) for _ in range(2)]
    page = (await operator.get(PAGE)).text
    assert "2 × Model rejected" in page
    answer = await operator.post(
        f"{PAGE}/dead-letters/discard", data={"code": "model_rejected", "why": "old"}
    )
    told = (await operator.get(answer.headers["location"])).text
    assert "Two runs given up" in told
    assert {await status_of(label, run) for run in runs} == {RunStatus.CANCELLED}


async def test_what_a_link_says_was_done_is_checked(operator: httpx.AsyncClient) -> None:
    page = (await operator.get(PAGE, params={"done": EVIL, "many": 3})).text
    assert "alert(" not in page
