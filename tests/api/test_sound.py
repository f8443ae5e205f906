from __future__ import annotations

import re

import httpx

from api.web.sound_pages import read_overrides
from domain.actor import OPERATOR
from tests.support.label import TestLabel, debut


async def test_the_sound_by_api(label: TestLabel, api: httpx.AsyncClient) -> None:
    artist = await debut(label)
    path = f"/api/v1/artists/{artist.handle}/sound"
    shown = (await api.get(path)).json()
    assert shown["singer"]["id"]
    change = {"singer": "none", "overrides": {"mix.reverb_s": 3.5}}
    changed = await api.put(path, json=change, headers={"If-Match": "*"})
    assert changed.status_code == 200
    assert changed.json()["singer"] is None
    assert changed.json()["overrides"] == {"mix.reverb_s": 3.5}
    wrong = await api.put(path, json={"singer": "nobody-we-know"}, headers={"If-Match": "*"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "singer")


async def test_the_sound_by_page(label: TestLabel, operator: httpx.AsyncClient) -> None:
    artist = await debut(label)
    path = f"/operator/artists/{artist.handle}/sound"
    page = (await operator.get(path)).text
    assert 'value="auto" checked' in page
    saved = await operator.post(path, data={"singer": "none", "overrides": "mix.reverb_s: 3.5"})
    assert saved.status_code == 303
    after = (await operator.get(saved.headers["location"])).text
    assert "The next song follows it" in after
    assert 'value="none" checked' in after
    assert "mix.reverb_s: 3.5" in after
    emptied = await operator.post(path, data={"singer": "none", "overrides": ""})
    assert emptied.status_code == 303
    assert "reverb_s: 3.5" not in (await operator.get(path)).text


async def test_no_tab_leads_nowhere_before_the_debut(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    handle = (await label.artists.create(OPERATOR, "A quiet one.")).handle
    page = (await operator.get(f"/operator/artists/{handle}")).text
    tabs = re.findall(rf'href="(/operator/artists/{handle}/[^"]+)"', page)
    answers = {path: (await operator.get(path)).status_code for path in tabs}
    assert len(answers) > 2
    assert set(answers.values()) == {200}
    assert "/@" not in (await operator.get(f"/operator/artists/{handle}/channels")).text


async def test_what_is_wrong_stands_beside_the_field(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    path = f"/operator/artists/{artist.handle}/sound"
    for typed, told in (
        ("mix.reverb_s: 900", "mix.reverb_s"),
        ("just words", "just words"),
        ("a: [1, 2]", "a: [1, 2]"),
        ("mix.reverb_s: 2001-13-45", "mix.reverb_s"),
        ("mix.reverb_s: nan", "mix.reverb_s"),
        ("a: b: c", "a: b: c"),
        ("a:\t", "a:"),
        ("!!python/object: x", "!!python"),
    ):
        answer = await operator.post(path, data={"singer": "auto", "overrides": typed})
        assert answer.status_code == 422, typed
        assert told in answer.text
        assert re.search(r'name="overrides"[^>]*aria-invalid="true"', answer.text), typed
        assert typed.split(":")[0] in answer.text


def test_values_are_read_as_they_are_written() -> None:
    typed = "mix.reverb_s: 3\n\n swing.high : 0.5 \nvocal.sung: no\nroles.bass.voice: warm-sub\n"
    assert read_overrides(typed) == {
        "mix.reverb_s": 3,
        "swing.high": 0.5,
        "vocal.sung": False,
        "roles.bass.voice": "warm-sub",
    }
