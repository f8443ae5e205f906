"""Recordings as they arrive: known by their first bytes, whole to the last frame, or refused."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import getproxies

import httpx

from domain.errors import DiskFull, ProviderError, ProviderRateLimited, ProviderUnavailable
from domain.ports.providers import GeneratedFile
from media.files import write_atomically
from tools.vendors.transport import DIRECT, asking, refusal

ROLE = "recording"
LARGEST_BYTES = 400_000_000
LARGEST_REFUSAL_BYTES = 65_536
LONGEST_DOWNLOAD_S = 1_800.0
LONGEST_REDIRECTS = 3
DOWNLOAD_TIMEOUT = httpx.Timeout(60.0, connect=15.0)
RIFF_HEAD = 8
STREAMED_RIFF = (0, 0xFFFFFFFF)

Resolve = Callable[[str], Awaitable[list[str]]]


async def resolve_host(host: str) -> list[str]:
    """The addresses behind a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def keep_recording(vendor: str, folder: Path, data: bytes) -> GeneratedFile:
    """Write a recording that came as bytes; raises `ProviderError` for what is none."""
    ending, media_type = kind_of(vendor, data[:64], len(data))
    path = folder / f"song.{ending}"
    write_atomically(path, data)
    return _checked(vendor, path, media_type)


@dataclass(frozen=True)
class Downloads:
    """Fetches recordings a vendor points to.

    `own` is the only origin that is asked, with `headers`, when the service is self-hosted;
    otherwise any public https address is, and none on a private network: an answer must not make
    us read from inside.
    """

    vendor: str
    own: str | None = None
    headers: dict[str, str] | None = field(default=None, repr=False)
    transport: httpx.AsyncBaseTransport | None = None
    resolve: Resolve = resolve_host
    largest_bytes: int = LARGEST_BYTES
    longest_s: float = LONGEST_DOWNLOAD_S

    async def save(self, url: str, folder: Path) -> GeneratedFile:
        """Bring the recording to `folder`; raises `ProviderError` for a page, scraps or a part."""
        try:
            async with asyncio.timeout(self.longest_s):
                return await self._save(url, folder / "song.part")
        except httpx.InvalidURL as error:
            raise ProviderError(f"{self.vendor} points to no address: {error}") from error
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"the recording from {self.vendor} did not arrive in {self.longest_s:.0f} s",
                remedy="Fetch it again: that costs nothing.",
            ) from error

    async def _save(self, url: str, part: Path) -> GeneratedFile:
        async with asking(self.vendor), self._client() as client:
            for _ in range(LONGEST_REDIRECTS + 1):
                await self._refuse_inside(httpx.URL(url))
                async with client.stream("GET", url) as response:
                    self._refuse_peer(response)
                    if response.next_request is None:
                        await self._write(response, part)
                        return await asyncio.to_thread(self._settle, part)
                    url = str(response.next_request.url)
        raise ProviderError(f"{self.vendor} sends us around in circles for the recording")

    def _client(self) -> httpx.AsyncClient:
        # Bytes are counted and written as they come, so none may be packed on the way.
        headers = {"Accept-Encoding": "identity", **(self.headers or {})}
        return httpx.AsyncClient(
            headers=headers,
            timeout=DOWNLOAD_TIMEOUT,
            transport=self.transport,
            mounts=DIRECT if self.own else None,
        )

    async def _refuse_inside(self, url: httpx.URL) -> None:
        if self.own is not None:
            home = httpx.URL(self.own)
            if (url.scheme, url.host, url.port) != (home.scheme, home.host, home.port):
                raise ProviderError(f"{self.vendor} points to another host: {url.host}")
            return
        if url.scheme != "https" or not url.host:
            raise ProviderError(f"{self.vendor} points to an address without https: {url.host}")
        if _is_address(url.host):
            found = [url.host]
        elif getproxies().get("https"):
            return  # the proxy resolves names, and guards its own network
        else:
            found = await self._addresses(url.host)
        if not all(map(_is_public, found)):
            raise ProviderError(f"{self.vendor} points into a private network: {url.host}")

    def _refuse_peer(self, response: httpx.Response) -> None:
        """A name may lead elsewhere the second time it is asked: what counts is who answered."""
        stream = response.extensions.get("network_stream")
        if self.own is not None or stream is None or getproxies().get("https"):
            return
        peer = stream.get_extra_info("server_addr")
        if peer and not _is_public(str(peer[0])):
            raise ProviderError(f"{self.vendor} points into a private network")

    async def _addresses(self, host: str) -> list[str]:
        try:
            return await self.resolve(host)
        except OSError as error:
            raise ProviderUnavailable(f"the name {host} cannot be resolved") from error

    async def _write(self, response: httpx.Response, part: Path) -> None:
        if not response.is_success:
            raise self._refused(refusal(self.vendor, await _beginning(response)))
        expected = response.headers.get("content-length")
        try:
            size = await self._pour(response, part)
        except OSError as error:
            raise DiskFull(
                f"the recording cannot be written: {error.strerror}",
                remedy=f"Make room at {part.parent}; the song waits at {self.vendor}.",
            ) from error
        if expected is not None and expected.isdigit() and size < int(expected):
            raise ProviderUnavailable(
                f"the recording from {self.vendor} broke off after {size} of {expected} bytes",
                remedy="Fetch it again: that costs nothing.",
            )

    async def _pour(self, response: httpx.Response, part: Path) -> int:
        size = 0
        with part.open("wb") as file:
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > self.largest_bytes:
                    raise ProviderError(f"{self.vendor} sends more than a song can weigh")
                file.write(chunk)
        return size

    def _refused(self, error: ProviderError) -> ProviderError:
        """Where the recording lies with others, their 403 says nothing of our key."""
        if self.own is not None or isinstance(error, (ProviderUnavailable, ProviderRateLimited)):
            return error
        return ProviderError(
            f"the recording cannot be had: {error.message}",
            remedy=f"Download it from {self.vendor}'s own page of the song.",
        )

    def _settle(self, part: Path) -> GeneratedFile:
        with part.open("rb") as file:
            head = file.read(64)
        ending, media_type = kind_of(self.vendor, head, part.stat().st_size)
        path = part.with_suffix(f".{ending}")
        part.replace(path)
        return _checked(self.vendor, path, media_type)


async def _beginning(response: httpx.Response) -> httpx.Response:
    """The answer with no more of its body than a refusal needs."""
    head = b""
    async for chunk in response.aiter_raw():
        head += chunk
        if len(head) > LARGEST_REFUSAL_BYTES:
            break
    kept = {k: v for k, v in response.headers.items() if k in ("content-type", "retry-after")}
    return httpx.Response(response.status_code, headers=kept, content=head)


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def kind_of(vendor: str, head: bytes, size: int) -> tuple[str, str]:
    """Ending and media type by the first bytes; raises `ProviderError` for what is no sound."""
    if size == 0:
        raise ProviderError(f"{vendor} sent an empty recording", unreadable=True)
    if head.startswith(b"fLaC"):
        return "flac", "audio/flac"
    if head.startswith(b"OggS"):
        return "ogg", "audio/ogg"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav", "audio/wav"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return "mp3", "audio/mpeg"
    page = head.lstrip()[:1] == b"<"
    raise ProviderError(
        f"{vendor} sent {'a web page' if page else 'something else'} instead of a recording",
        unreadable=True,
    )


def _checked(vendor: str, path: Path, media_type: str) -> GeneratedFile:
    """Raises `ProviderError` when the recording cannot be read to its declared end."""
    # numpy and libsndfile take half a second to load: only when a recording has come.
    import soundfile  # noqa: PLC0415

    declared = _riff_bytes(path) if media_type == "audio/wav" else 0
    try:
        with soundfile.SoundFile(path) as sound:
            frames = sound.frames
            sound.seek(max(0, frames - 1))
            whole = frames > 0 and len(sound.read(1)) == 1
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise _broken(vendor, path, str(error)) from error
    if not whole or declared > path.stat().st_size:
        raise _broken(vendor, path, "it ends before its time")
    return GeneratedFile(role=ROLE, path=path, media_type=media_type)


def _riff_bytes(path: Path) -> int:
    """How long a WAV file says it is; 0 for one that was streamed and does not know."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(RIFF_HEAD)[4:], "little")
    return 0 if size in STREAMED_RIFF else size + RIFF_HEAD


def _broken(vendor: str, path: Path, why: str) -> ProviderError:
    """What was cut on the way may come whole the next time."""
    path.unlink(missing_ok=True)
    return ProviderUnavailable(
        f"the recording from {vendor} is damaged: {why}",
        remedy="Fetch it again, or look at the vendor's own page of the song.",
    )
