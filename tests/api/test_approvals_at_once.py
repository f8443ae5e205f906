"""Approvals that are decided twice, by two, or too late: by program and by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.approval import Approval, ApprovalStatus
from tests.api.conftest import OURS, client_of
from tests.services.build import artist, asked
from tests.support.label import TestLabel
from tests.support.people import PASSWORD, joined, key

LATE = timedelta(days=30)


@pytest.fixture
async def two(label: TestLabel) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Two people's programs."""
    keys = [await key(label, await joined(label, "operator", n), "approve", "read") for n in "ab"]
    one, other = (client_of(label, Authorization=f"Bearer {secret}") for secret in keys)
    async with one, other:
        yield one, other


async def waiting(label: TestLabel) -> tuple[Approval, str, dict[str, str]]:
    approval = await asked(label, await artist(label))
    return approval, f"/api/v1/approvals/{approval.id}", {"digest": approval.digest}


async def closed(label: TestLabel, approval: Approval) -> int:
    """How often the approval was closed."""
    events = await label.views.events(OPERATOR, 0, run_id=approval.run_id)
    return [event.kind for event in events].count("approval.closed")


async def test_a_program_that_approves_twice_has_approved_once(
    label: TestLabel, two: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    approval, path, body = await waiting(label)
    first, second = await asyncio.gather(
        two[0].post(f"{path}/approve", json=body), two[0].post(f"{path}/approve", json=body)
    )
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert await closed(label, approval) == 1


@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_of_two_people_at_once_the_second_is_told(
    label: TestLabel, two: tuple[httpx.AsyncClient, httpx.AsyncClient], verdict: str
) -> None:
    approval, path, body = await waiting(label)
    because = body | ({"reason": "mix"} if verdict == "reject" else {})
    answers = await asyncio.gather(
        two[0].post(f"{path}/approve", json=body), two[1].post(f"{path}/{verdict}", json=because)
    )
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    assert lost.json()["title"] == "approval_closed"
    assert "already" in lost.json()["detail"]
    assert lost.json()["remedy"]
    standing = await label.approvals.get(OPERATOR, approval.id)
    assert standing.status.value == won.json()["status"]
    assert await closed(label, approval) == 1


async def test_what_has_expired_cannot_be_approved(
    label: TestLabel, two: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    approval, path, body = await waiting(label)
    label.clock.advance(LATE)
    for _ in ("before it was closed", "after"):
        late = await two[0].post(f"{path}/approve", json=body)
        assert (late.status_code, late.json()["title"]) == (409, "approval_closed")
        assert "expired" in late.json()["detail"]
        await label.approvals.expire_due(SYSTEM)
    after = await label.approvals.get(OPERATOR, approval.id)
    assert after.status is ApprovalStatus.EXPIRED
    assert after.decision is None


async def test_pages_tell_a_double_click_from_somebody_elses_word(label: TestLabel) -> None:
    approval, _, body = await waiting(label)
    path = f"/operator/approvals/{approval.id}"
    for name in ("ann", "bob"):
        await joined(label, "operator", name)
    async with client_of(label, **OURS) as ann, client_of(label, **OURS) as bob:
        for client, name in ((ann, "ann"), (bob, "bob")):
            await client.post("/sign-in", data={"name": name, "password": PASSWORD})
        first = await ann.post(f"{path}/approve", data=body)
        again = await ann.post(f"{path}/approve", data=body)
        assert (first.status_code, again.status_code) == (303, 303)
        assert first.headers["location"] == again.headers["location"]
        late = await bob.post(f"{path}/reject", data=body | {"reason": "mix"})
        assert late.status_code == 409
        assert "approved already" in late.text
        assert "Ann approved this" in (await bob.get(path)).text
    assert await closed(label, approval) == 1


async def test_a_page_of_what_expired_says_so(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    approval, _, body = await waiting(label)
    path = f"/operator/approvals/{approval.id}"
    label.clock.advance(LATE)
    late = await operator.post(f"{path}/approve", data=body)
    assert late.status_code == 409
    assert "expired" in late.text
    await label.approvals.expire_due(SYSTEM)
    page = (await operator.get(path)).text
    assert "expired" in page
    assert f'action="{path}/approve"' not in page
