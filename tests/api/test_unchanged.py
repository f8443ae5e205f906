from __future__ import annotations

import httpx

from tests.support.label import BRIEF

LIST = "/api/v1/artists"


async def test_who_has_the_answer_is_told_that_it_holds(api: httpx.AsyncClient) -> None:
    first = await api.get(LIST)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    again = await api.get(LIST, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    await api.post(LIST, json={"brief": BRIEF, "debut": False})
    changed = await api.get(LIST, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert len(changed.json()["items"]) == 1
    assert changed.headers["etag"] != tag


async def test_problems_have_no_tag(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{LIST}/nobody", headers={"If-None-Match": "*"})
    assert answer.status_code == 404
    assert "etag" not in answer.headers
