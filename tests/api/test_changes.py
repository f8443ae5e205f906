"""Asking for changes over the API: what begins, what is refused, and what is compared."""

from __future__ import annotations

import httpx

from domain.actor import OPERATOR, SYSTEM
from domain.approval import Approval, ApprovalStatus
from domain.run import Run
from services.revisions import Compared
from tests.support.label import TestLabel, ask, cycle, debut, song

ASKED = {"reasons": ["lyrics", "artwork"], "comment": "Less rain."}


async def asked(label: TestLabel) -> Approval:
    run = await cycle(label, await debut(label, portrait=b"portrait", banner=b"banner"))
    return await ask(label, run, await song(label, run, "Salt", mp3=b"mp3", cover=b"cover"))


async def test_asking_gives_a_run_and_its_approval_names_what_it_revises(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    first = await asked(label)
    path = f"/api/v1/approvals/{first.id}"
    assert (await api.get(f"{path}/revision")).json() is None
    sent = await api.post(f"{path}/changes", json=ASKED | {"digest": first.digest})
    assert sent.status_code == 202
    run = Run.model_validate(sent.json())
    assert run.parent_run_id == first.run_id
    assert sent.headers["location"] == f"/api/v1/runs/{run.id}"
    begun = await label.runs.begin(SYSTEM, run.id)
    second = await ask(label, begun, await song(label, begun, "Salt", mp3=b"mp3", cover=b"new"))
    shown = (await api.get(f"/api/v1/approvals/{second.id}")).json()["approval"]
    assert (shown["revises"], shown["version"]) == (first.id, 2)
    told = await api.get(f"/api/v1/approvals/{second.id}/revision")
    found = Compared.model_validate(told.json())
    assert [(one.reason, one.changed) for one in found.answers] == [
        ("lyrics", False),
        ("artwork", True),
    ]
    assert found.before.approval.id == first.id
    assert found.same == ["the words", "the words of the post"]


async def test_what_cannot_be_done_is_refused_and_nothing_is_rejected(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    approval = await asked(label)
    path = f"/api/v1/approvals/{approval.id}/changes"
    for body, field in (
        ({"reasons": [], "comment": "Less."}, "reasons"),
        ({"reasons": ["meh"], "comment": "Less."}, "reasons.0"),
        ({"reasons": ["mix"], "comment": ""}, "comment"),
        ({"reasons": ["timing"], "comment": "Later."}, "reasons"),
    ):
        refused = await api.post(path, json=body)
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    stale = await api.post(path, json=ASKED | {"digest": "0" * 64})
    assert (stale.status_code, stale.json()["title"]) == (409, "approval_closed")
    waits = await label.approvals.get(OPERATOR, approval.id)
    assert waits.status is ApprovalStatus.WAITING
    assert not [r for r in await label.runs.page(OPERATOR) if r.parent_run_id]


async def test_a_rejection_may_have_several_reasons(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    approval = await asked(label)
    body = {"reason": "lyrics", "also": ["mix"], "comment": "Too sweet."}
    done = await api.post(f"/api/v1/approvals/{approval.id}/reject", json=body)
    assert (done.json()["decision"]["reason"], done.json()["decision"]["also"]) == (
        "lyrics",
        ["mix"],
    )
