"""The music generators that can be connected; adding one is a file and an entry here."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from domain.errors import InvalidInput
from domain.ports.providers import ExternalProvider, ProviderKind, Quote
from domain.requests import SongRequest
from tools.vendors.music import (
    acestep,
    elevenlabs,
    fal,
    lyria,
    minimax,
    replicate,
    stability,
    suno_gateway,
)

Credentials = Mapping[str, SecretStr]
Music = ExternalProvider[SongRequest]
# Endings that no public name has.
OWN_NAMES = (".local", ".internal", ".lan", ".home.arpa", ".localhost")


def _key(given: Credentials) -> SecretStr:
    """The key, which must be a header's value; raises `InvalidInput`."""
    key = given.get("key")
    text = key.get_secret_value().strip() if key else ""
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise InvalidInput("this cannot be a key", field="key", remedy="Paste the whole key.")
    return SecretStr(text)


def _url(given: Credentials, field: str = "url") -> str:
    """An http address with a host; raises `InvalidInput`."""
    text = _text(given, field)
    try:
        urlsplit(text)  # finds broken addresses in brackets, which httpx passes
        url = httpx.URL(text)
    except (ValueError, httpx.InvalidURL) as error:
        raise InvalidInput(f"{field} is no address: {error}", field=field) from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query:
        raise InvalidInput(
            f"{field} is no address of a service",
            field=field,
            remedy="Give it like http://127.0.0.1:8001 .",
        )
    return text


def _keyed_url(given: Credentials) -> str:
    """An address that a key may be sent to: by https, or within one's own network."""
    text = _url(given)
    url = httpx.URL(text)
    if url.scheme != "https" and not _is_own(url.host):
        raise InvalidInput(
            "the key would go over the network unprotected",
            field="url",
            remedy="Give the address with https.",
        )
    return text


def _is_own(host: str) -> bool:
    """Whether the host names this machine or its own network; nothing is looked up."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.lower().endswith(OWN_NAMES)


def _callback(given: Credentials) -> str:
    return _url(given, "callback_url") if _text(given, "callback_url") else ""


def _text(given: Credentials, field: str) -> str:
    value = given.get(field)
    return value.get_secret_value().strip() if value else ""


def _price(given: Credentials) -> float | None:
    text = _text(given, "price_usd")
    if not text:
        return None
    try:
        price = float(text)
    except ValueError:
        price = -1.0
    if not 0 <= price <= 1_000:
        raise InvalidInput("the price is no sum in US dollars", field="price_usd")
    return price


def _elevenlabs(given: Credentials) -> Music:
    return elevenlabs.ElevenLabsMusic(_key(given))


def _acestep(given: Credentials) -> Music:
    if not _text(given, "key"):
        return acestep.AceStep(_url(given), None)
    return acestep.AceStep(_keyed_url(given), _key(given))


def _stability(given: Credentials) -> Music:
    return stability.StableAudio(_key(given))


def _lyria(given: Credentials) -> Music:
    return lyria.Lyria(_key(given))


def _replicate(given: Credentials) -> Music:
    secret = SecretStr(_text(given, "webhook_secret"))
    return replicate.ReplicateMusic(
        _key(given),
        webhook_secret=secret if secret.get_secret_value() else None,
        callback_url=_callback(given),
    )


def _fal(given: Credentials) -> Music:
    return fal.FalMusic(_key(given), callback_url=_callback(given))


def _minimax(given: Credentials) -> Music:
    return minimax.MiniMaxMusic(_key(given))


def _suno_gateway(given: Credentials) -> Music:
    return suno_gateway.SunoGateway(
        _keyed_url(given), _key(given), price_usd=_price(given), callback_url=_callback(given)
    )


KEY = ("key",)
USUAL_MINUTES = 1.5
CATALOGUE: tuple[ProviderKind, ...] = (
    ProviderKind(
        "elevenlabs",
        "ElevenLabs Music",
        KEY,
        elevenlabs.ABLE,
        _elevenlabs,
        usual_quote=Quote(
            cost_usd=round(USUAL_MINUTES * elevenlabs.USD_PER_MINUTE, 4),
            basis=elevenlabs.PRICE_BASIS,
        ),
    ),
    ProviderKind(
        "ace-step",
        "ACE-Step 1.5, self-hosted",
        ("url",),
        acestep.ABLE,
        _acestep,
        optional=KEY,
        usual_quote=Quote(cost_usd=0.0, basis=acestep.PRICE_BASIS),
    ),
    ProviderKind(
        "stability",
        "Stability Stable Audio",
        KEY,
        stability.ABLE,
        _stability,
        usual_quote=Quote(cost_usd=stability.USD_PER_SONG, basis=stability.PRICE_BASIS),
    ),
    ProviderKind(
        "lyria",
        "Google Lyria",
        KEY,
        lyria.ABLE,
        _lyria,
        usual_quote=Quote(cost_usd=lyria.USD_PER_SONG, basis=lyria.PRICE_BASIS),
    ),
    ProviderKind(
        "replicate",
        "Replicate",
        KEY,
        replicate.ABLE,
        _replicate,
        optional=("webhook_secret", "callback_url"),
        usual_quote=Quote(cost_usd=replicate.USD_PER_SONG, basis=replicate.PRICE_BASIS),
    ),
    ProviderKind(
        "fal",
        "fal",
        KEY,
        fal.ABLE,
        _fal,
        optional=("callback_url",),
        usual_quote=Quote(cost_usd=fal.USD_PER_SONG, basis=fal.PRICE_BASIS),
    ),
    ProviderKind(
        "minimax",
        "MiniMax Music",
        KEY,
        minimax.ABLE,
        _minimax,
        usual_quote=Quote(cost_usd=minimax.USD_PER_SONG, basis=minimax.PRICE_BASIS),
    ),
    # A reseller's price is what whoever connects it enters.
    ProviderKind(
        "suno-gateway",
        "Suno through a reseller",
        ("url", "key"),
        suno_gateway.ABLE,
        _suno_gateway,
        optional=("price_usd", "callback_url"),
    ),
)
