"""Two people edit the same thing: the second is told, and nothing is overwritten."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.support.label import TestLabel, ask, cycle, debut, song

WORDS = {"rhythm": "daily at 09:00", "tz": "UTC"}


async def test_the_second_editor_of_a_profile_overwrites_nothing(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    path = f"/api/v1/artists/{artist.handle}/profile"
    read = await api.get(path)
    tag = {"If-Match": read.headers["etag"]}
    profile = read.json()["current"]["profile"]

    mine = await api.put(
        path, json={"profile": profile | {"audience": "night drivers"}}, headers=tag
    )
    assert mine.status_code == 200
    assert mine.headers["etag"] == '"2"'
    theirs = await api.put(path, json={"profile": profile | {"audience": "all"}}, headers=tag)
    assert (theirs.status_code, theirs.json()["title"]) == (412, "stale_version")
    assert theirs.json()["stored"] == 2
    now = (await api.get(path)).json()["current"]
    assert (now["number"], now["profile"]["audience"]) == (2, "night drivers")
    diff = (await api.get(f"{path}/diff", params={"before": 1, "after": 2})).json()
    assert diff["differences"] == [
        {"field": "audience", "before": profile["audience"], "after": "night drivers"}
    ]
    versions = (await api.get(f"{path}/versions")).json()["items"]
    assert [v["number"] for v in versions] == [1, 2]
    assert (await api.get(f"{path}/versions/3")).status_code == 404


async def test_of_two_edits_at_once_one_stands(label: TestLabel, api: httpx.AsyncClient) -> None:
    artist = await debut(label)
    path = f"/api/v1/artists/{artist.handle}/profile"
    read = await api.get(path)
    profile = read.json()["current"]["profile"]
    answers = await asyncio.gather(
        *(
            api.put(
                path,
                json={"profile": profile | {"audience": f"number {n}"}},
                headers={"If-Match": read.headers["etag"]},
            )
            for n in range(4)
        )
    )
    assert sorted(a.status_code for a in answers) == [200, 412, 412, 412]


async def test_an_edit_that_does_not_say_what_it_saw_is_refused(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    path = f"/api/v1/artists/{artist.handle}/profile"
    profile = (await api.get(path)).json()["current"]["profile"]
    refused = await api.put(path, json={"profile": profile})
    assert (refused.status_code, refused.json()["field"]) == (428, "If-Match")
    assert (await api.put(path, json={"profile": profile}, headers={"If-Match": "*"})).is_success


async def test_a_profile_that_argues_with_itself_names_the_fields(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    path = f"/api/v1/artists/{artist.handle}/profile"
    profile = (await api.get(path)).json()["current"]["profile"]
    profile["personality"]["taboos"] = profile["themes"][:1]
    refused = await api.put(path, json={"profile": profile}, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["title"]) == (422, "profile_contradiction")
    assert refused.json()["contradictions"][0]["fields"] == ["themes", "personality.taboos"]


async def test_a_schedule_is_made_freely_and_changed_by_its_tag(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    path = f"/api/v1/artists/{(await debut(label)).handle}/schedules/main"

    async def put(**headers: str) -> httpx.Response:
        sent: dict[str, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
        return await api.put(path, json=WORDS, headers=sent)

    assert (await put(If_Match='"1"')).status_code == 412
    made = await put(If_None_Match="*")
    assert made.status_code == 200
    assert (await api.get(path)).headers["etag"] == made.headers["etag"]
    assert (await put()).status_code == 428
    assert (await put(If_None_Match="*")).status_code == 412
    changed = await put(If_Match=made.headers["etag"])
    assert changed.status_code == 200
    assert (await put(If_Match=made.headers["etag"])).status_code == 412
    assert (await put(If_Match=changed.headers["etag"])).status_code == 200


async def test_a_sound_is_chosen_on_what_was_heard(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    path = f"/api/v1/artists/{(await debut(label)).handle}/sound"
    tag = {"If-Match": (await api.get(path)).headers["etag"]}
    assert (await api.put(path, json={"singer": "none"})).status_code == 428
    assert (await api.put(path, json={"singer": "none"}, headers=tag)).headers["etag"] == '"2"'
    assert (await api.put(path, json={"singer": "auto"}, headers=tag)).status_code == 412


async def test_words_are_edited_on_the_approval_that_was_seen(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    read = await api.get(f"/api/v1/approvals/{approval.id}")
    path = f"/api/v1/approvals/{approval.id}/posts/{read.json()['posts'][0]['id']}"
    assert (await api.patch(path, json={"text": "Out."})).status_code == 428
    stale = await api.patch(path, json={"text": "Out."}, headers={"If-Match": '"99"'})
    assert stale.status_code == 412
    tag = {"If-Match": read.headers["etag"]}
    assert (await api.patch(path, json={"text": "Out."}, headers=tag)).status_code == 200
