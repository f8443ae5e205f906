from __future__ import annotations

import httpx

from domain.actor import OPERATOR, visitor_actor
from tests.support.label import TestLabel, debut, live_release

FAN = visitor_actor("fan")


async def test_a_comment_is_hidden_and_shown_again(
    label: TestLabel, api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    said = await label.audience.comment(FAN, artist.handle, None, "Jo", "Buy cheap watches")
    listed = (await api.get(f"/api/v1/artists/{artist.handle}/comments")).json()["items"]
    assert [c["id"] for c in listed] == [said.id]
    assert (await api.post(f"/api/v1/comments/{said.id}/hide")).status_code == 204
    assert "cheap watches" not in (await visitor.get(f"/@{artist.handle}")).text
    path = f"/api/v1/artists/{artist.handle}/comments"
    assert (await api.get(path)).json()["items"] == []
    hidden = (await api.get(path, params={"hidden": True})).json()["items"]
    assert [c["hidden"] for c in hidden] == [True]
    assert (await api.post(f"/api/v1/comments/{said.id}/show")).status_code == 204
    assert "cheap watches" in (await visitor.get(f"/@{artist.handle}")).text


async def test_only_the_operator_hides_and_settles(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    said = await label.audience.comment(FAN, artist.handle, None, "Jo", "Hello")
    assert (await visitor.post(f"/api/v1/comments/{said.id}/hide")).status_code == 401
    refused = await visitor.post("/api/v1/posts/post_x/settle", json={"published": True})
    assert refused.status_code == 401


async def test_only_a_post_of_unknown_outcome_is_settled(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    await live_release(label, artist)
    (post,) = [e.payload for e in (await label.stage.page(artist.handle)).entries]
    assert post
    _, posts = await label.catalogue.of_artist(OPERATOR, artist.id)
    refused = await api.post(f"/api/v1/posts/{posts[0].id}/settle", json={"published": True})
    assert refused.status_code == 409
    assert refused.json()["remedy"]
