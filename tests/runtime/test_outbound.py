from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput, ProviderUnavailable
from runtime.outbound import ANSWER_MAX_BYTES, Outbound, Resolve, may_call

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@asynccontextmanager
async def listening(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def says(reply: bytes, seen: list[bytes] | None = None) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if seen is not None:
            seen.append(head)
        writer.write(reply)
        await writer.drain()

    return answer


def resolving(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


async def test_a_call_brings_back_what_was_said() -> None:
    seen: list[bytes] = []
    reply = b"HTTP/1.1 429 Too Many\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nslow"
    async with listening(says(reply, seen)) as port:
        outbound = Outbound(private=True, resolve=resolving("127.0.0.1"))
        said = await outbound.post(
            f"http://hooks.example:{port}/x?y=1", b"{}", {"webhook-id": "d1"}
        )
        await outbound.aclose()
    assert (said.status, said.text, said.retry_after_s) == (429, "slow", 7.0)
    head = seen[0].decode().lower()
    assert head.startswith("post /x?y=1 http/1.1")
    assert f"host: hooks.example:{port}" in head
    assert "webhook-id: d1" in head


async def test_redirects_are_not_followed() -> None:
    seen: list[bytes] = []
    moved = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
    async with listening(says(moved, seen)) as port:
        said = await Outbound(private=True).post(f"http://127.0.0.1:{port}/", b"", {})
    assert said.status == 302
    assert len(seen) == 1


async def test_a_long_answer_is_not_read_to_its_end() -> None:
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n" + b"x" * (ANSWER_MAX_BYTES * 3)
    async with listening(says(endless)) as port:
        said = await Outbound(private=True).post(f"http://127.0.0.1:{port}/", b"", {})
    assert len(said.text) == ANSWER_MAX_BYTES


async def test_who_never_answers_is_left() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with listening(silent) as port:
        with pytest.raises(ProviderUnavailable, match="no answer within"):
            await Outbound(private=True, timeout_s=0.2).post(f"http://127.0.0.1:{port}/", b"", {})


async def test_who_drips_is_left_too() -> None:
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with listening(drips) as port:
        with pytest.raises(ProviderUnavailable):
            await Outbound(private=True, timeout_s=0.3).post(f"http://127.0.0.1:{port}/", b"", {})


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    outbound = Outbound(resolve=resolving("93.184.216.34", "10.0.0.5"))
    with pytest.raises(InvalidInput, match="private network"):
        await outbound.post("https://hooks.example/", b"", {})


async def test_the_public_is_called_by_https_only() -> None:
    for private in (False, True):
        outbound = Outbound(private=private, resolve=resolving("93.184.216.34"))
        with pytest.raises(InvalidInput, match="without https"):
            await outbound.check("http://hooks.example/")
    await Outbound(resolve=resolving("93.184.216.34")).check("https://hooks.example/")


async def test_a_name_nobody_knows_is_no_crash() -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(ProviderUnavailable, match=r"hooks\.example is not known") as unknown:
        await Outbound(resolve=nowhere).check("https://hooks.example/")
    assert (unknown.value.field, "spelling" in str(unknown.value.remedy)) == ("url", True)


PUBLIC = ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946")
OWN = ("127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.4.4", "::1", "fd12::1", "::ffff:10.0.0.1")
NOBODYS = ("169.254.169.254", "fe80::1%eth0", "0.0.0.0", "224.0.0.1", "::", "ff02::1")
HIDDEN = ("64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:169.254.169.254")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert may_call(address, private=False)


@pytest.mark.parametrize("address", OWN)
def test_ones_own_network_only_by_leave(address: str) -> None:
    assert not may_call(address, private=False)
    assert may_call(address, private=True)


@pytest.mark.parametrize("address", NOBODYS + HIDDEN)
def test_some_are_never_called(address: str) -> None:
    assert not may_call(address, private=False)
    assert not may_call(address, private=True)


@given(st.ip_addresses(v=4))
def test_an_address_in_another_dress_is_the_same_address(bare: ipaddress.IPv4Address) -> None:
    plain = may_call(str(bare), private=False)
    dressed = may_call(f"::ffff:{bare}", private=False)
    translated = may_call(str(ipaddress.IPv6Address(int(_NAT64) + int(bare))), private=False)
    assert not dressed or plain
    assert not translated or plain


_NAT64 = ipaddress.IPv6Address("64:ff9b::")


async def test_the_certificate_must_be_of_the_name(tmp_path: Path) -> None:
    server_tls, client_tls = certificates(tmp_path, "hooks.example")
    async with listening(says(OK), server_tls) as port:
        outbound = Outbound(private=True, resolve=resolving("127.0.0.1"), tls=client_tls)
        said = await outbound.post(f"https://hooks.example:{port}/", b"{}", {})
        assert (said.status, said.text) == (200, "ok")
        with pytest.raises(ProviderUnavailable):
            await outbound.post(f"https://other.example:{port}/", b"{}", {})
        await outbound.aclose()


def certificates(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for `name`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))
