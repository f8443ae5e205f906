"""Answers that are almost right: whatever a vendor changes, our own errors say so."""

from __future__ import annotations

import asyncio
import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ProviderError
from tests.tools.vendors.music import build
from tests.tools.vendors.music.vendors import VENDORS, Vendor

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5000), st.text(max_size=5), st.floats(0, 1)
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.text(max_size=3), SCALARS, max_size=2),
)
ERRORS = [
    "elevenlabs_bad_prompt",
    "elevenlabs_bad_plan",
    "fal_policy",
    "lyria_bad_key",
    "lyria_limited",
    "stability_moderation",
]


def places(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON body."""
    inner: list[tuple[Any, ...]] = []
    if isinstance(body, dict):
        inner = [place for name, part in body.items() for place in places(part, (*path, name))]
    elif isinstance(body, list):
        inner = [place for n, part in enumerate(body) for place in places(part, (*path, n))]
    return [path, *inner]


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The body with one place changed."""
    if not path:
        return value
    changed = copy.deepcopy(body)
    part = changed
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return changed


class Bent(build.Wire):
    """A good day, but one place of every JSON answer holds something else."""

    def __init__(self, good: build.Wire, pick: int, value: Any, only: str) -> None:
        super().__init__()
        self._good, self._pick, self._value, self._only = good, pick, value, only

    def answer(self, request: httpx.Request) -> build.Answer:
        answer = self._good.answer(request)
        if isinstance(answer, Exception) or request.method != self._only:
            return answer
        kind = answer.headers.get("content-type", "")
        if kind.startswith("application/json"):
            return httpx.Response(answer.status_code, json=self._bend(answer.json()))
        if kind.startswith("multipart/"):
            head = answer.content.split(b"\r\n--sep\r\n")[0]
            about = head.split(b"\r\n\r\n", 1)[1]
            audio = answer.content[len(head) :]
            bent = json.dumps(self._bend(json.loads(about))).encode()
            start = head[: len(head) - len(about)]
            kept = {"content-type": kind}
            return httpx.Response(200, headers=kept, content=start + bent + audio)
        return answer

    def _bend(self, body: Any) -> Any:
        where = places(body)
        return replaced(body, where[self._pick % len(where)], self._value)


async def a_day(vendor: Vendor, wire: build.Wire, folder: Path) -> None:
    """Everything the house asks of a client."""
    client = vendor.make(wire)
    for step in (client.check, lambda: a_song(vendor, wire, folder)):
        with suppress(ProviderError):
            await step()


async def a_song(vendor: Vendor, wire: build.Wire, folder: Path) -> None:
    client = vendor.make(wire)
    job = await client.submit(vendor.request(), "key-1", folder)
    assert isinstance(job, str)
    assert await client.poll(job)
    await client.cancel(job)
    made = await client.fetch(job, build.nothing)
    assert made.files[0].path.stat().st_size > 0
    assert made.model_dump_json()


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda v: v.name)
@given(pick=st.integers(0, 200), value=VALUES, only=st.sampled_from(["POST", "GET"]))
@settings(max_examples=12)
def test_one_odd_place_breaks_nothing_but_the_song(
    vendor: Vendor,
    pick: int,
    value: Any,
    only: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    asyncio.run(a_day(vendor, Bent(vendor.good(), pick, value, only), folder))


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda v: v.name)
@given(
    name=st.sampled_from(ERRORS),
    status=st.sampled_from([400, 401, 403, 422, 429, 500]),
    pick=st.integers(0, 60),
    value=VALUES,
)
@settings(max_examples=8)
def test_odd_refusals_are_refusals(
    vendor: Vendor,
    name: str,
    status: int,
    pick: int,
    value: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    body = build.recorded(name)
    where = places(body)
    refusal = httpx.Response(status, json=replaced(body, where[pick % len(where)], value))
    wire = build.Wire(("POST", "/", refusal), ("GET", "/", refusal))
    folder = tmp_path_factory.mktemp("odd")
    asyncio.run(a_day(vendor, wire, folder))
