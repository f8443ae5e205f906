"""fal's queue by its documented HTTP API.

The SDK's `submit` sends a request up to ten times when the answer is late, which may be ten songs;
so it serves the tests as the measure of what is sent and read, and the requests are our own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from domain.errors import (
    PolicyRejected,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    Unauthenticated,
)
from domain.ports.providers import Capabilities, JobState, Quote
from domain.requests import SongRequest
from tools.vendors.music.asks import ask_of, prompt_text, sung, tagged_lyrics
from tools.vendors.music.callbacks import must_be_fresh
from tools.vendors.music.queued import Look, Patience, Queued
from tools.vendors.music.recording import Downloads, Resolve, resolve_host
from tools.vendors.transport import Json, Line, asking, json_of, sending, unreadable

NAME = "fal"
BASE_URL = "https://queue.fal.run"
KEYS_URL = "https://rest.fal.ai/.well-known/jwks.json"
MODEL = "fal-ai/minimax-music/v2.6"
# Jobs are found under owner and name, without the path that follows.
JOBS = "/fal-ai/minimax-music/requests"
PROMPT_CHARS, LYRICS_CHARS = 2_000, 3_500
USD_PER_SONG = 0.15
PRICE_BASIS = "list price of MiniMax's music models, $0.15 a song, August 2026; not fal's own page"
KEYS_KEPT_S = 86_400
KEYS_PAUSE_S = 60
NO_JOB = "00000000-0000-0000-0000-000000000000"
STATES = {
    "IN_QUEUE": JobState.SUBMITTED,
    "IN_PROGRESS": JobState.RUNNING,
    "COMPLETED": JobState.DONE,
}
POLICY = "content_policy_violation"

ABLE = Capabilities(
    name=NAME,
    version=MODEL,
    kind="music",
    made_by="trained_model",
    offline=False,
    features=frozenset({"sung", "lyrics", "instrumental"}),
    founded_on="fal-client SDK 1.0.3 and fal's queue and webhook documentation, November 2026",
)


class FalMusic(Queued):
    """Songs by a model that fal hosts."""

    able = ABLE

    def __init__(
        self,
        key: SecretStr,
        *,
        callback_url: str = "",
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolve_host,
        clock: Callable[[], float] = time.time,
    ) -> None:
        secret = {"Authorization": f"Key {key.get_secret_value()}"}
        self._line = Line(NAME, BASE_URL, headers=secret, explain=explain, transport=transport)
        self._keys_line = Line(NAME, "", transport=transport)
        self._callback_url = callback_url
        self._clock = clock
        self._keys: tuple[bytes, ...] = ()
        self._keys_at = self._keys_tried_at = float("-inf")
        downloads = Downloads(NAME, transport=transport, resolve=resolve)
        super().__init__(downloads, patience or Patience())

    def price(self, request: SongRequest) -> Quote:
        """A song's price."""
        ask_of(request, self.able)
        return Quote(cost_usd=USD_PER_SONG, basis=PRICE_BASIS)

    def render(self, request: SongRequest) -> Json:
        """The model's inputs."""
        ask = ask_of(request, self.able)
        payload: Json = {
            "prompt": prompt_text(ask, PROMPT_CHARS),
            "is_instrumental": not sung(ask),
        }
        return payload | ({"lyrics": tagged_lyrics(ask, LYRICS_CHARS)} if sung(ask) else {})

    async def send(self, payload: Json) -> str:
        """Put the request into the queue, once."""
        params = {"fal_webhook": self._callback_url} if self._callback_url else None
        if self._callback_url:
            # Without the keys no call-back is believed, and the job is asked after all the same.
            with suppress(ProviderError):
                await self._load_keys()
        async with sending(NAME), self._line.open() as http:
            answer = await http.post(f"/{MODEL}", json=payload, params=params)
            body = json_of(NAME, answer)
            if not isinstance(body.get("request_id"), str):
                raise unreadable(NAME, "an answer without a request_id")
        return str(body["request_id"])

    async def look(self, job_id: str) -> Look:
        """Ask for the status, and for the result when there is one."""
        async with asking(NAME), self._line.open() as http:
            body = json_of(NAME, await http.get(f"{_place(job_id)}/status"))
            state = STATES.get(str(body.get("status")))
            if state is None:
                raise unreadable(NAME, f"the status {body.get('status')!r}")
            if state is not JobState.DONE:
                return Look(state)
            if body.get("error"):
                return _failed(str(body["error"]), str(body.get("error_type") or ""))
            return await self._result(http, job_id)

    async def _result(self, http: httpx.AsyncClient, job_id: str) -> Look:
        try:
            result = json_of(NAME, await http.get(_place(job_id)))
        except (PolicyRejected, ProviderInputInvalid) as error:
            # A finished job tells its failure in the status of its result.
            return Look(JobState.FAILED, error=error)
        audio = result.get("audio")
        url = audio.get("url") if isinstance(audio, dict) else None
        return Look(JobState.DONE, url=str(url or ""), facts={"model": MODEL})

    async def stop(self, job_id: str) -> None:
        """Ask for cancellation; one that comes too late is refused, and the song is kept."""
        async with asking(NAME), self._line.open() as http:
            try:
                await http.put(f"{_place(job_id)}/cancel")
            except ProviderInputInvalid as error:
                if error.facts.get("status") != 400:
                    raise

    async def check(self) -> str:
        """Ask after a job that does not exist: no free endpoint is documented."""
        await self._load_keys()
        async with asking(NAME), self._line.open() as http:
            try:
                await http.get(f"{_place(NO_JOB)}/status")
            except ProviderInputInvalid:
                return "the key is accepted"
        raise unreadable(NAME, "the status of a job that does not exist")

    async def _load_keys(self) -> None:
        """The public keys of call-backs, kept for a day as the documentation asks."""
        if self._clock() - self._keys_at < KEYS_KEPT_S:
            return
        async with asking(NAME), self._keys_line.open() as http:
            body = json_of(NAME, await http.get(KEYS_URL))
        self._keys = _keys_in(body.get("keys"))
        self._keys_at = self._clock()

    async def _have_keys(self) -> None:
        """Load the keys that a new process has not, seldom enough for strangers who call."""
        if self._clock() - self._keys_tried_at < KEYS_PAUSE_S:
            return
        self._keys_tried_at = self._clock()
        with suppress(ProviderError):
            await self._load_keys()

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> str:
        """By fal's ED25519 signature, within five minutes of its time."""
        named = {name.lower(): value for name, value in headers.items()}
        parts = ("request-id", "user-id", "timestamp", "signature")
        job_id, user, timestamp, signature = (
            named.get(f"x-fal-webhook-{part}", "") for part in parts
        )
        must_be_fresh(timestamp, self._clock())
        await self._have_keys()
        if not self._keys:
            raise Unauthenticated("fal's public keys cannot be had", remedy="Run a check of fal.")
        told = "\n".join([job_id, user, timestamp, hashlib.sha256(body).hexdigest()]).encode()
        if not any(_signed_by(key, signature, told) for key in self._keys):
            raise Unauthenticated("the call-back's signature is wrong")
        return job_id


def _place(job_id: str) -> str:
    return f"{JOBS}/{quote(job_id, safe='')}"


def _failed(said: str, kind: str) -> Look:
    family = PolicyRejected if POLICY in (kind, said) else ProviderError
    return Look(JobState.FAILED, error=family(f"{NAME} could not make the song: {said}"))


def explain(response: httpx.Response, error: ProviderError) -> ProviderError:
    """A refused prompt is a 422 whose entries name the kind; a locked account is a 403."""
    if "balance" in error.message.lower() and error.facts.get("status") == 403:
        return ProviderNoCredit(error.message, remedy="Add credit at fal.", **error.facts)
    try:
        entries = response.json().get("detail")
    except (ValueError, AttributeError):
        return error
    told = entries if isinstance(entries, list) else []
    kinds = [entry.get("type") for entry in told if isinstance(entry, dict)]
    if POLICY not in kinds:
        return error
    remedy = "Change style or words."
    return PolicyRejected(error.message, field="style", remedy=remedy, **error.facts)


def _keys_in(entries: object) -> tuple[bytes, ...]:
    """The ED25519 keys of a key set."""
    told = entries if isinstance(entries, list) else []
    texts = [str(e.get("x")) for e in told if isinstance(e, dict) and e.get("crv") == "Ed25519"]
    try:
        return tuple(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in texts)
    except ValueError as error:
        raise unreadable(NAME, "keys that are none") from error


def _signed_by(key: bytes, signature: str, told: bytes) -> bool:
    # Needed only by those who receive call-backs.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(binascii.unhexlify(signature), told)
    except (InvalidSignature, ValueError):
        return False
    return True
