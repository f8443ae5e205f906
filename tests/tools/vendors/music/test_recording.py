"""Downloads: from public places only, whole, and nothing but sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DiskFull, ProviderError, ProviderUnavailable
from tests.tools.vendors.music import build
from tools.vendors.music.recording import Downloads, keep_recording, kind_of

URL = "https://cdn.example/song.mp3"


def downloads(wire: build.Wire, *addresses: str, largest: int = 10_000_000) -> Downloads:
    async def resolve(host: str) -> list[str]:
        return list(addresses or ("93.184.216.34",))

    return Downloads("vendor", transport=wire, resolve=resolve, largest_bytes=largest)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("kind", "ending"), [("MP3", "mp3"), ("FLAC", "flac"), ("WAV", "wav"), ("OGG", "ogg")]
)
async def test_sound_is_known_by_its_bytes(kind: str, ending: str, tmp_path: Path) -> None:
    # The declared type is wrong on purpose: servers often are.
    answer = build.sound(build.tone(kind), "application/octet-stream")
    wire = build.Wire(("GET", "/", answer))
    file = await downloads(wire).save(URL, tmp_path)
    assert file.path == tmp_path / f"song.{ending}"
    assert file.path.read_bytes() == build.tone(kind)
    assert not (tmp_path / "song.part").exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example/song.mp3",
        "https://127.0.0.1/song.mp3",
        "https://10.0.0.9/song.mp3",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/song.mp3",
        "https://[fe80::1]/song.mp3",
        "https://0.0.0.0/song.mp3",
    ],
)
async def test_private_places_are_not_read(url: str, tmp_path: Path) -> None:
    wire = build.Wire(("GET", "/", build.sound(build.tone())))
    with pytest.raises(ProviderError):
        await downloads(wire).save(url, tmp_path)
    assert wire.seen == []


@pytest.mark.parametrize(
    "addresses", [("10.0.0.1",), ("93.184.216.34", "127.0.0.1"), ("::ffff:192.168.0.1",)]
)
async def test_names_of_private_places_are_not_read(
    addresses: tuple[str, ...], tmp_path: Path
) -> None:
    wire = build.Wire(("GET", "/", build.sound(build.tone())))
    with pytest.raises(ProviderError, match="private network"):
        await downloads(wire, *addresses).save(URL, tmp_path)
    assert wire.seen == []


async def test_redirects_are_followed_and_judged_anew(tmp_path: Path) -> None:
    def hop(to: str) -> build.Wire:
        away = httpx.Response(302, headers={"location": to})
        return build.Wire(("GET", "/song.mp3", away), ("GET", "/real", build.sound(build.tone())))

    good = hop("https://other.example/real.mp3")
    assert (await downloads(good).save(URL, tmp_path)).path.exists()
    bad = hop("https://127.0.0.1/real.mp3")
    with pytest.raises(ProviderError, match="private network"):
        await downloads(bad).save(URL, tmp_path)
    assert len(bad.seen) == 1
    with pytest.raises(ProviderError, match="circles"):
        await downloads(hop(URL)).save(URL, tmp_path)


@pytest.mark.parametrize(("peer", "fine"), [("93.184.216.34", True), ("127.0.0.1", False)])
async def test_who_answered_counts_more_than_the_name(
    peer: str, fine: bool, tmp_path: Path
) -> None:
    class Stream:
        def get_extra_info(self, name: str) -> object:
            return (peer, 443) if name == "server_addr" else None

    class Rebound(build.Wire):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await super().handle_async_request(request)
            answer.extensions["network_stream"] = Stream()
            return answer

    wire = Rebound(("GET", "/", build.sound(build.tone())))
    if fine:
        assert (await downloads(wire).save(URL, tmp_path)).path.exists()
    else:
        with pytest.raises(ProviderError, match="private network"):
            await downloads(wire).save(URL, tmp_path)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "family"), [(403, ProviderError), (404, ProviderError), (503, ProviderUnavailable)]
)
async def test_a_store_s_refusal_says_nothing_of_the_key(
    status: int, family: type[ProviderError], tmp_path: Path
) -> None:
    wire = build.Wire(("GET", "/", httpx.Response(status, text="expired")))
    with pytest.raises(ProviderError) as caught:
        await downloads(wire).save(URL, tmp_path)
    assert type(caught.value) is family


async def test_a_name_nobody_knows(tmp_path: Path) -> None:
    async def resolve(host: str) -> list[str]:
        raise OSError("no such host")

    lost = Downloads("vendor", transport=build.Wire(), resolve=resolve)
    with pytest.raises(ProviderUnavailable):
        await lost.save(URL, tmp_path)


@pytest.mark.parametrize("url", ["https://[::1", "https://", "https://a:b/", "//\x00"])
async def test_what_is_no_address_is_refused(url: str, tmp_path: Path) -> None:
    wire = build.Wire(("GET", "/", build.sound(build.tone())))
    with pytest.raises(ProviderError):
        await downloads(wire).save(url, tmp_path)
    assert wire.seen == []


class Drip(httpx.AsyncByteStream):
    """A body without end."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(self.wait_s)
            self.sent += 65_536
            yield b"x" * 65_536


class Endless(httpx.AsyncBaseTransport):
    def __init__(self, status: int, drip: Drip) -> None:
        self.status, self.drip = status, drip

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, stream=self.drip, request=request)


async def test_a_download_that_never_ends_is_left(tmp_path: Path) -> None:
    slow = Downloads(
        "vendor", transport=Endless(200, Drip(0.02)), resolve=build.public, longest_s=0.1
    )
    with pytest.raises(ProviderUnavailable, match="did not arrive"):
        await slow.save(URL, tmp_path)


async def test_a_refusal_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    drip = Drip(0.0)
    with pytest.raises(ProviderError, match="cannot be had"):
        await Downloads("vendor", transport=Endless(404, drip), resolve=build.public).save(
            URL, tmp_path
        )
    assert drip.sent <= 4 * 65_536


async def test_too_much_is_not_taken(tmp_path: Path) -> None:
    wire = build.Wire(("GET", "/", build.sound(build.tone("WAV"))))
    with pytest.raises(ProviderError, match="more than"):
        await downloads(wire, largest=10_000).save(URL, tmp_path)


async def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "song.part").mkdir()
    wire = build.Wire(("GET", "/", build.sound(build.tone())))
    with pytest.raises(DiskFull, match="cannot be written"):
        await downloads(wire).save(URL, tmp_path)


async def test_fewer_bytes_than_promised(tmp_path: Path) -> None:
    headers = {"content-length": "999999", "content-type": "audio/mpeg"}
    short = httpx.Response(200, content=build.tone(), headers=headers)
    with pytest.raises(ProviderUnavailable, match="broke off"):
        await downloads(build.Wire(("GET", "/", short))).save(URL, tmp_path)


@pytest.mark.parametrize("kind", ["FLAC", "WAV"])
@given(share=st.floats(0.01, 0.98))
def test_a_part_of_a_file_is_never_taken_for_the_whole(
    kind: str, share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = build.tone(kind, 0.5)
    folder = tmp_path_factory.mktemp("cut")
    with pytest.raises(ProviderError):
        keep_recording("vendor", folder, data[: int(len(data) * share)])
    assert not list(folder.glob("song.*"))


def test_streamed_wav_without_a_length_is_whole(tmp_path: Path) -> None:
    data = bytearray(build.tone("WAV"))
    data[4:8] = b"\xff\xff\xff\xff"
    assert keep_recording("vendor", tmp_path, bytes(data)).media_type == "audio/wav"


@given(st.binary(max_size=64))
def test_no_bytes_pass_as_sound_by_accident(head: bytes) -> None:
    try:
        ending, media_type = kind_of("vendor", head, len(head))
    except ProviderError:
        return
    assert media_type.startswith("audio/")
    assert ending in ("mp3", "flac", "wav", "ogg")
