"""What a person does with many at once or reads of the house, programs do as well."""

from __future__ import annotations

from dataclasses import replace

import httpx

from api.app import create_app
from domain.house import Setting
from tests.api.conftest import BASE
from tests.support.label import TOKEN, TestLabel, ask, cycle, debut, song
from tests.support.people import joined, key

DECISIONS = "/api/v1/approvals/decisions"
SETTINGS = "/api/v1/settings"
SECRET = Setting(
    name="model_key",
    variable="GREENROOM_MODEL_KEY",
    group="Language model",
    value="set",
    source="environment",
    meaning="Key of the model.",
    secret=True,
)


def bearer(secret: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_many_approvals_are_decided_and_each_refusal_is_told(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    run, other = await cycle(label, artist), await cycle(label, artist)
    good = await ask(label, run, await song(label, run, "Salt"))
    stale = await ask(label, other, await song(label, other, "Radar"))
    body = {
        "verdict": "approve",
        "chosen": [
            {"approval_id": good.id, "digest": good.digest},
            {"approval_id": stale.id, "digest": "0" * 64},
            {"approval_id": "approval_nobodys", "digest": "0" * 64},
        ],
    }
    sent = {"Idempotency-Key": "morning"}
    first = await api.post(DECISIONS, json=body, headers=sent)
    assert first.status_code == 200, first.text
    told = first.json()["decided"]
    assert [one["refused"] is None for one in told] == [True, False, False]
    assert [one["title"] for one in told][:2] == ["Salt", "Radar"]
    again = await api.post(DECISIONS, json=body, headers=sent)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    kept = await api.get(f"/api/v1/approvals/{stale.id}")
    assert kept.json()["approval"]["status"] == "waiting"


async def test_nothing_chosen_and_a_no_without_a_reason_are_refused(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    for chosen in ([], [{"approval_id": approval.id, "digest": approval.digest}]):
        body = {"verdict": "reject", "chosen": chosen}
        answer = await api.post(DECISIONS, json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"] == ("reason" if chosen else "chosen")


async def test_settings_in_force_are_told_to_whoever_operates_and_secrets_to_nobody(
    label: TestLabel,
) -> None:
    context = label.context()
    context = replace(context, desk=replace(context.desk, settings=(SECRET,)))
    viewer = await key(label, await joined(label, "viewer"), "read")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(context)), base_url=BASE
    ) as client:
        told = (await client.get(SETTINGS, headers=bearer())).json()
        assert told == {"items": [SECRET.model_dump()], "next": None}
        assert (await client.get(SETTINGS, headers=bearer(viewer))).status_code == 403
