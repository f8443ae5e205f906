"""Replicate's predictions by their documented HTTP API.

The SDK asks again by itself, up to ten times and without our knowing; so it serves the tests as
the measure of what is sent and read, and the requests are our own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from domain.errors import PolicyRejected, ProviderError, ProviderInputInvalid, Unauthenticated
from domain.ports.providers import Capabilities, JobState, Quote
from domain.requests import SongRequest
from tools.vendors.music.asks import ask_of, prompt_text, sung, tagged_lyrics
from tools.vendors.music.callbacks import must_be_fresh
from tools.vendors.music.queued import Look, Patience, Queued
from tools.vendors.music.recording import Downloads, Resolve, resolve_host
from tools.vendors.transport import Json, Line, asking, json_of, sending, unreadable

NAME = "replicate"
BASE_URL = "https://api.replicate.com"
MODEL = "minimax/music-1.5"
PROMPT_CHARS, LYRICS_MIN, LYRICS_CHARS = 300, 10, 600
USD_PER_SONG = 0.03
PRICE_BASIS = f"list price of {MODEL}, $0.03 a song, as public clients give it, 2026"
SECRET_PREFIX = "whsec_"  # the form of the secret, not one
STATES = {
    "starting": JobState.SUBMITTED,
    "queued": JobState.SUBMITTED,
    "processing": JobState.RUNNING,
    "succeeded": JobState.DONE,
    "failed": JobState.FAILED,
    "canceled": JobState.CANCELLED,
    "aborted": JobState.CANCELLED,
}
SENSITIVE = ("flagged", "sensitive", "nsfw", "content policy")

ABLE = Capabilities(
    name=NAME,
    version=MODEL,
    kind="music",
    made_by="trained_model",
    offline=False,
    features=frozenset({"sung", "lyrics"}),
    longest_s=240.0,
    founded_on="replicate SDK 1.0.7; the model's inputs as public clients use them, November 2026",
    verified=False,
)


class ReplicateMusic(Queued):
    """Songs with short lyrics by a model that Replicate hosts."""

    able = ABLE

    def __init__(
        self,
        key: SecretStr,
        *,
        webhook_secret: SecretStr | None = None,
        callback_url: str = "",
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolve_host,
        clock: Callable[[], float] = time.time,
    ) -> None:
        secret = {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._line = Line(NAME, BASE_URL, headers=secret, transport=transport)
        self._secret = webhook_secret
        self._callback_url = callback_url
        self._clock = clock
        downloads = Downloads(NAME, transport=transport, resolve=resolve)
        super().__init__(downloads, patience or Patience())

    def price(self, request: SongRequest) -> Quote:
        """A song's price."""
        ask_of(request, self.able)
        return Quote(cost_usd=USD_PER_SONG, basis=PRICE_BASIS)

    def render(self, request: SongRequest) -> Json:
        """The model's inputs."""
        ask = ask_of(request, self.able)
        if not sung(ask):
            raise ProviderInputInvalid(f"{MODEL} makes no instrumentals", field="instrumental")
        lyrics = tagged_lyrics(ask, LYRICS_CHARS)
        if len(lyrics) < LYRICS_MIN:
            raise ProviderInputInvalid(f"{MODEL} wants more words", field="lyrics")
        body: Json = {"input": {"lyrics": lyrics, "prompt": prompt_text(ask, PROMPT_CHARS)}}
        if self._callback_url:
            body |= {"webhook": self._callback_url, "webhook_events_filter": ["completed"]}
        return body

    async def send(self, payload: Json) -> str:
        """Create the prediction."""
        async with sending(NAME), self._line.open() as http:
            body = json_of(NAME, await http.post(f"/v1/models/{MODEL}/predictions", json=payload))
            if not isinstance(body.get("id"), str):
                raise unreadable(NAME, "a prediction without an id")
        return str(body["id"])

    async def look(self, job_id: str) -> Look:
        """Get the prediction."""
        async with asking(NAME), self._line.open() as http:
            return read_prediction(json_of(NAME, await http.get(_place(job_id))))

    async def stop(self, job_id: str) -> None:
        """Cancel the prediction."""
        async with asking(NAME), self._line.open() as http:
            await http.post(f"{_place(job_id)}/cancel")

    async def check(self) -> str:
        """Read whose account it is."""
        async with asking(NAME), self._line.open() as http:
            body = json_of(NAME, await http.get("/v1/account"))
        return f"account {body.get('username')}"

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> str:
        """By the Standard Webhooks signature, within five minutes of its time."""
        if self._secret is None:
            raise Unauthenticated("no webhook secret is known", field="webhook_secret")
        named = {name.lower(): value for name, value in headers.items()}
        values = [named.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature")]
        message_id, timestamp, signatures = values
        must_be_fresh(timestamp, self._clock())
        signed = b".".join([message_id.encode(), timestamp.encode(), body])
        if not _signed_by(self._secret.get_secret_value(), signed, signatures):
            raise Unauthenticated("the call-back's signature is wrong")
        return _job_in(body)


def _place(job_id: str) -> str:
    return f"/v1/predictions/{quote(job_id, safe='')}"


def read_prediction(body: Json) -> Look:
    """A prediction as Replicate shows it."""
    state = STATES.get(str(body.get("status")))
    if state is None:
        raise unreadable(NAME, f"the status {body.get('status')!r}")
    output = body.get("output")
    url = output[0] if isinstance(output, list) and output else output
    said = str(body.get("error") or "no reason was given")
    family = PolicyRejected if any(w in said.lower() for w in SENSITIVE) else ProviderError
    return Look(
        state,
        url=url if isinstance(url, str) else "",
        error=family(f"{NAME} could not make the song: {said}"),
        facts={"model": MODEL, "version": str(body.get("version") or "")},
    )


def _signed_by(secret: str, signed: bytes, signatures: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise Unauthenticated("the webhook secret is not one", field="webhook_secret") from error
    right = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    # As bytes: letters that are not ASCII cannot be compared as text.
    return any(hmac.compare_digest(right, entry.encode()) for entry in signatures.split())


def _job_in(body: bytes) -> str:
    try:
        job_id = json.loads(body).get("id")
    except (ValueError, AttributeError) as error:
        raise Unauthenticated("the call-back speaks of no job") from error
    if not isinstance(job_id, str):
        raise Unauthenticated("the call-back speaks of no job")
    return job_id
