from __future__ import annotations

import re
from typing import Any

import httpx

from domain.actor import OPERATOR
from services.steering_change import SteeringChange
from tests.services.build import artist, asked
from tests.support.label import TestLabel

SCRIPT = "<script>alert(1)</script>"


async def test_directives_by_api(label: TestLabel, api: httpx.AsyncClient) -> None:
    who = await artist(label)
    path = f"/api/v1/artists/{who.handle}/directives"
    made = await api.post(path, json={"text": "don't post this week"})
    assert made.status_code == 201
    one = made.json()["directive"]
    assert one["forbids"] == ["post_update"]
    at = f"{path}/{one['id']}"
    assert made.headers["Location"] == at
    goal = {"kind": "goal", "text": "more", "target": {"measure": "songs", "count": 3}}
    assert (await api.post(path, json=goal)).json()["progress"] == "0 of 3 songs"
    goals = (await api.get(f"/api/v1/artists/{who.handle}/goals")).json()["items"]
    assert [g["directive"]["text"] for g in goals] == ["more"]
    body = {"text": "post less"}
    assert (await api.put(at, json=body)).status_code == 428
    changed = await api.put(at, json=body, headers={"If-Match": made.headers["ETag"]})
    assert changed.json()["directive"]["history"][0]["text"] == "don't post this week"
    stale = await api.put(at, json=body, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code in (409, 412)
    assert (await api.post(f"{at}/revoke")).json()["directive"]["status"] == "revoked"
    standing = (await api.get(path, params={"status": "standing"})).json()["items"]
    assert [s["directive"]["kind"] for s in standing] == ["goal"]
    other = await artist(label, "Other")
    elsewhere = f"/api/v1/artists/{other.handle}/directives/{one['id']}"
    assert (await api.get(elsewhere)).status_code == 404


async def test_steering_and_stopping_by_api(label: TestLabel, api: httpx.AsyncClient) -> None:
    who = await artist(label)
    path = f"/api/v1/artists/{who.handle}/steering"
    shown = await api.get(path)
    assert shown.json()["steering"]["level"] is None
    wish = {"level": "autopilot", "veto_hours": 6, "budgets": {"usd_day": 1.5}}
    put = await api.put(path, json=wish, headers={"If-Match": shown.headers["ETag"]})
    assert put.json()["limits"]["usd_day"] == 1.5
    stale = await api.put(path, json=wish, headers={"If-Match": shown.headers["ETag"]})
    assert stale.status_code in (409, 412)
    run = await label.runs.start(OPERATOR, who.handle)
    ended = await api.post(f"/api/v1/runs/{run.id}/cancel", json={"why": "no"})
    assert (ended.json()["status"], ended.json()["stopped"]["why"]) == ("cancelled", "no")
    stopped = await api.post(f"/api/v1/artists/{who.handle}/stop")
    assert stopped.json()["artist"]["status"] == "paused"


async def test_the_page_asks_edits_and_revokes(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    who = await artist(label)
    path = f"/operator/artists/{who.handle}/steering"
    assert "Nothing is asked" in (await operator.get(path)).text
    form = {"text": f"don't post. {SCRIPT}", "until": "2026-05-12"}
    given = await operator.post(f"{path}/directives", data=form)
    page = (await operator.get(given.headers["location"])).text
    assert "The next plan sees it" in page
    assert "ruled out" in page
    assert SCRIPT not in page
    match = re.search(r'id="(directive_\w+)"', page)
    assert match is not None
    at = f"{path}/directives/{match[1]}"
    edit = {"text": "post less", "version": "1"}
    assert (await operator.post(at, data=edit)).status_code == 303
    late = await operator.post(at, data={"text": "post more", "version": "1"})
    assert late.status_code in (409, 412)
    assert "post less" in late.text
    assert "You wrote: “post more”" in late.text
    assert (await operator.post(f"{at}/revoke")).status_code == 303
    assert "Nothing is asked" in (await operator.get(path)).text
    wrong = await operator.post(f"{path}/directives", data={"text": " "})
    assert (wrong.status_code, "empty" in wrong.text) == (422, True)


async def test_the_page_sets_level_and_limits(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    who = await artist(label)
    path = f"/operator/artists/{who.handle}/steering"
    form: dict[str, Any] = {
        "level": "autopilot",
        "veto_hours": "6",
        "quiet": "22:00-8:00",
        "tz": "Europe/Berlin",
        "posts_day": "2",
        "usd_day": "0.5",
        "version": "0",
    }
    assert (await operator.post(path, data=form)).status_code == 303
    found = await label.steering.of(OPERATOR, who.id)
    assert (found.level, found.posts_day, found.budgets.usd_day) == ("autopilot", 2, 0.5)
    page = (await operator.get(path)).text
    assert 'value="autopilot" checked' in page
    assert "of $0.50" in page
    late = await operator.post(path, data=form)
    assert late.status_code in (409, 412)
    bad = await operator.post(path, data=form | {"version": "1", "usd_day": "a lot"})
    assert bad.status_code == 422
    assert 'value="a lot"' in bad.text


async def test_the_page_tells_what_leaves_and_stops_it(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    who = await artist(label)
    await label.steering.put(OPERATOR, who.id, SteeringChange(level="autopilot"))
    waiting = await asked(label, who)
    path = f"/operator/artists/{who.handle}/steering"
    assert "Goes out by itself" in (await operator.get(path)).text
    await operator.post(f"{path}/stop", data={"why": "wrong words"})
    after = (await operator.get(path)).text
    assert "Goes out by itself" not in after
    run = await label.runs.get(OPERATOR, waiting.run_id)
    assert run.stopped is not None
    assert run.stopped.why == "wrong words"
