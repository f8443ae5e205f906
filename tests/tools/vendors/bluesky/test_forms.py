"""What needs no server: ids, marks, pictures, and how refusals and silence are told apart."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from atproto import CID
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import SecretStr

from domain.errors import (
    GreenroomError,
    InvalidInput,
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from tools.vendors.bluesky.capabilities import CAPABILITIES
from tools.vendors.bluesky.facets import facets_of, mentioned
from tools.vendors.bluesky.ids import file_cid, frozen_text, record_key
from tools.vendors.bluesky.pictures import SMALL_SIDE, fitting
from tools.vendors.bluesky.xrpc import Xrpc
from tools.vendors.limits import graphemes, shortened

TOKEN = SecretStr("t")
LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
times = st.integers(1_577_836_800_000_000, 3_786_912_000_000_000).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


@given(key=st.text(), at=times)
def test_a_record_key_is_a_tid_of_its_time_and_always_the_same(key: str, at: datetime) -> None:
    found = record_key(key, at)
    assert len(found) == 13
    assert found[0] in "234567abcdefghij"
    assert set(found) <= set(LETTERS)
    number = 0
    for letter in found:
        number = number * 32 + LETTERS.index(letter)
    moment = datetime.fromtimestamp((number >> 10) / 1e6, UTC)
    assert abs(moment - at) <= timedelta(milliseconds=2)
    assert record_key(key, at) == found


def test_posts_of_one_moment_have_places_of_their_own() -> None:
    at = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    assert len({record_key(f"post_{n}", at) for n in range(300)}) == 300


def test_times_are_kept_to_the_millisecond_in_utc() -> None:
    at = datetime(2026, 5, 4, 9, 30, 1, 234567, tzinfo=UTC)
    assert frozen_text(at) == "2026-05-04T09:30:01.234Z"


@given(content=st.binary(max_size=200))
def test_a_files_name_is_the_networks_own(content: bytes) -> None:
    theirs = CID.decode(file_cid(content))
    assert theirs.hash.digest == hashlib.sha256(content).digest()
    assert theirs.codec == 0x55


@given(text=st.text(alphabet="ab#@. /:https1é🌊,()\n", max_size=80))
def test_marks_lie_in_order_inside_the_text_and_apart(text: str) -> None:
    data = text.encode()
    found = facets_of(text, {"a.be": "did:x"})
    ends = [0]
    for facet in found:
        assert ends[-1] <= facet.start_byte < facet.end_byte <= len(data)
        piece = data[facet.start_byte : facet.end_byte].decode()
        assert piece[0] == {"link": "h", "mention": "@", "tag": "#"}[facet.kind]
        ends.append(facet.end_byte)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("See https://a.org/x.", ["https://a.org/x"]),
        ("(https://a.org/x)", ["https://a.org/x"]),
        ("https://a.org/x_(y)", ["https://a.org/x_(y)"]),
        ("Mail me@a.org or #1 or a#b", []),
        ("#Nacht und #été!", ["#Nacht", "#été"]),
        ("https://a.org/#part", ["https://a.org/#part"]),
        ("@a.be, hello @c.de", ["@a.be"]),
        ("🌊🌊 #x", ["#x"]),
    ],
)
def test_what_is_marked(text: str, marked: list[str]) -> None:
    found = facets_of(text, {"a.be": "did:x"})
    data = text.encode()
    assert [data[f.start_byte : f.end_byte].decode() for f in found] == marked


def test_people_are_named_once() -> None:
    assert mentioned("@A.be @a.BE and @c.de @nobody @c.d") == ["a.be", "c.de"]


@given(text=st.text(max_size=700) | st.text(alphabet="👩\u200d👧e\u0301 .", max_size=4000))
def test_shortening_fits_and_leaves_what_fits_alone(text: str) -> None:
    kept = shortened(text, CAPABILITIES)
    assert graphemes(kept) <= CAPABILITIES.text_max_graphemes
    assert len(kept.encode()) <= (CAPABILITIES.text_max_bytes or 0)
    if graphemes(text.strip()) <= 300 and len(text.strip().encode()) <= 3000:
        assert kept == text.strip()


def test_shortening_ends_with_a_sentence_or_says_that_it_goes_on() -> None:
    assert shortened("Out now. " + "word " * 80, CAPABILITIES) == "Out now."
    cut = shortened("word " * 80, CAPABILITIES)
    assert cut.endswith("word…")


def picture(path: Path, side: int, kind: str = "PNG") -> Path:
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, kind)
    return path


def test_a_picture_that_fits_is_sent_as_it_is(tmp_path: Path) -> None:
    path = picture(tmp_path / "small.png", 100)
    found = fitting(path)
    assert (found.content, found.media_type) == (path.read_bytes(), "image/png")
    assert (found.width, found.height) == (100, 100)


@pytest.mark.parametrize("limit", [1_000_000, 200_000])
def test_a_large_one_is_shrunk_to_the_same_bytes_each_time(tmp_path: Path, limit: int) -> None:
    path = picture(tmp_path / "large.png", 1200)
    before = path.read_bytes()
    one, two = fitting(path, limit), fitting(path, limit)
    assert one == two
    assert len(one.content) <= limit < len(before)
    assert path.read_bytes() == before
    with Image.open(io.BytesIO(one.content)) as image:
        assert (image.format, image.size) == ("JPEG", (one.width, one.height))
        assert image.width >= SMALL_SIDE


def test_other_kinds_become_jpeg(tmp_path: Path) -> None:
    assert fitting(picture(tmp_path / "x.webp", 64, "WEBP")).media_type == "image/jpeg"


def answering(status: int, body: object = None, **headers: str) -> Xrpc:
    transport = httpx.MockTransport(
        lambda request: httpx.Response(status, json=body or {}, headers=headers)
    )
    return Xrpc("https://pds.example", transport=transport)


def failing(error: Exception) -> Xrpc:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    return Xrpc("https://pds.example", transport=httpx.MockTransport(fail))


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        (401, "AuthenticationRequired", ProviderAuth),
        (400, "ExpiredToken", ProviderAuth),
        (400, "AccountTakedown", ProviderAuth),
        (400, "InvalidSwap", ProviderInputInvalid),
        (413, "", ProviderInputInvalid),
        (429, "RateLimitExceeded", ProviderRateLimited),
        (451, "", PolicyRejected),
        (302, "", ProviderError),
    ],
)
async def test_refusals_are_the_same_when_asking_and_when_sending(
    status: int, name: str, error: type[GreenroomError]
) -> None:
    server = answering(status, {"error": name, "message": "no"})
    with pytest.raises(error) as asked:
        await server.ask("a.b.c")
    with pytest.raises(error) as sent:
        await server.send("a.b.c", {}, TOKEN)
    assert type(asked.value) is type(sent.value) is error


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_a_breakdown_is_a_doubt_only_where_people_would_see_the_outcome(
    status: int,
) -> None:
    with pytest.raises(ProviderUnavailable):
        await answering(status).ask("a.b.c")
    with pytest.raises(ProviderUnavailable):
        await answering(status).upload(b"x", "image/png", TOKEN)
    with pytest.raises(ProviderTimeout):
        await answering(status).send("a.b.c", {}, TOKEN)


@pytest.mark.parametrize(
    ("error", "doubt"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.ReadTimeout("silent"), True),
        (httpx.ReadError("cut"), True),
        (httpx.RemoteProtocolError("half a reply"), True),
    ],
)
async def test_what_surely_was_not_sent_is_no_doubt(error: Exception, doubt: bool) -> None:
    with pytest.raises(ProviderTimeout if doubt else ProviderUnavailable):
        await failing(error).send("a.b.c", {}, TOKEN)
    with pytest.raises(ProviderUnavailable):
        await failing(error).ask("a.b.c")


async def test_an_unreadable_answer_to_a_sent_post_is_a_doubt() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text='{"uri": "at'))
    with pytest.raises(ProviderTimeout):
        await Xrpc("https://pds.example", transport=transport).send("a.b.c", {}, TOKEN)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"retry-after": "7"}, 7, 7),
        ({"ratelimit-reset": "RESET"}, 25, 30),
        ({"ratelimit-reset": "99999999999"}, 86400, 86400),
        ({}, None, None),
    ],
)
async def test_how_long_a_limit_lasts_is_read(
    headers: dict[str, str], least: float | None, most: float | None
) -> None:
    soon = int(datetime.now(UTC).timestamp()) + 30
    told = {name: value.replace("RESET", str(soon)) for name, value in headers.items()}
    with pytest.raises(ProviderRateLimited) as limited:
        await answering(429, **told).ask("a.b.c")
    wait = limited.value.facts["retry_after_s"]
    assert wait is None if least is None else least <= wait <= (most or 0)


async def test_a_server_inside_is_refused_before_the_password_is_sent() -> None:
    with pytest.raises(InvalidInput):
        await Xrpc("http://127.0.0.1:9").tell("com.atproto.server.createSession", {"p": "x"})
