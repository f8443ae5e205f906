"""A gateway that resells Suno: submit, ask after the record, download; not an API of Suno's own.

Several resellers speak this protocol with small differences; none of them was tried.
"""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import SecretStr

from domain.errors import (
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderRateLimited,
    ProviderUnavailable,
)
from domain.ports.providers import Capabilities, JobState, Quote
from domain.requests import SongRequest
from tools.vendors.music.asks import ask_of, prompt_text, sung, tagged_lyrics
from tools.vendors.music.queued import Look, Patience, Queued
from tools.vendors.music.recording import Downloads, Resolve, resolve_host
from tools.vendors.transport import Json, Line, asking, json_of, sending, unreadable

NAME = "suno-gateway"
MODEL = "V5"
STYLE_CHARS, LYRICS_CHARS, TITLE_CHARS = 1_000, 5_000, 80
FAMILY: dict[int, type[ProviderError]] = {
    401: ProviderAuth,
    402: ProviderNoCredit,
    405: ProviderRateLimited,
    # The gateway's 429 means an empty account; too many calls are its 430.
    429: ProviderNoCredit,
    430: ProviderRateLimited,
    455: ProviderUnavailable,
}
STATES = {
    "PENDING": JobState.SUBMITTED,
    "TEXT_SUCCESS": JobState.RUNNING,
    "FIRST_SUCCESS": JobState.RUNNING,
    "SUCCESS": JobState.DONE,
    "CREATE_TASK_FAILED": JobState.FAILED,
    "GENERATE_AUDIO_FAILED": JobState.FAILED,
    "SENSITIVE_WORD_ERROR": JobState.FAILED,
    # Our own end did not answer their call-back; the songs may be there all the same.
    "CALLBACK_EXCEPTION": JobState.DONE,
}
SENSITIVE = "SENSITIVE_WORD_ERROR"

ABLE = Capabilities(
    name=NAME,
    version=MODEL,
    kind="music",
    made_by="trained_model",
    offline=False,
    features=frozenset({"sung", "lyrics", "instrumental"}),
    founded_on="a reseller's description (docs.sunoapi.org, November 2026); not by Suno, not tried",
    verified=False,
)


class SunoGateway(Queued):
    """Two songs per request, of which the first is taken; the length is the model's choice."""

    able = ABLE

    def __init__(
        self,
        url: str,
        key: SecretStr,
        *,
        price_usd: float | None = None,
        callback_url: str = "",
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolve_host,
    ) -> None:
        secret = {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._line = Line(NAME, url.rstrip("/"), secret, explain=explain, transport=transport)
        self._price_usd = price_usd
        self._callback_url = callback_url
        downloads = Downloads(NAME, transport=transport, resolve=resolve)
        super().__init__(downloads, patience or Patience())

    def price(self, request: SongRequest) -> Quote:
        """What its operator pays, which every reseller sets anew."""
        ask_of(request, self.able)
        if self._price_usd is None:
            raise ProviderError(
                f"nobody has said what a song costs at {NAME}",
                field="price_usd",
                remedy="Enter the price of a song when connecting it.",
            )
        return Quote(cost_usd=self._price_usd, basis="as entered when it was connected")

    def render(self, request: SongRequest) -> Json:
        """Custom mode: style and title, and our words where they are sung."""
        ask = ask_of(request, self.able)
        payload: Json = {
            "customMode": True,
            "instrumental": not sung(ask),
            "model": MODEL,
            "style": prompt_text(ask, STYLE_CHARS),
            "title": ask.title[:TITLE_CHARS],
        }
        if sung(ask):
            payload["prompt"] = tagged_lyrics(ask, LYRICS_CHARS)
        return payload | ({"callBackUrl": self._callback_url} if self._callback_url else {})

    async def send(self, payload: Json) -> str:
        """`POST /api/v1/generate`."""
        async with sending(NAME), self._line.open() as http:
            data = settled(json_of(NAME, await http.post("/api/v1/generate", json=payload)))
            task_id = data.get("taskId") if isinstance(data, dict) else None
            if not isinstance(task_id, str):
                raise unreadable(NAME, "an answer without a taskId")
        return task_id

    async def look(self, job_id: str) -> Look:
        """`GET /api/v1/generate/record-info`."""
        async with asking(NAME), self._line.open() as http:
            params = {"taskId": job_id}
            answer = await http.get("/api/v1/generate/record-info", params=params)
            data = settled(json_of(NAME, answer))
        return read_record(data if isinstance(data, dict) else {})

    async def stop(self, job_id: str) -> None:
        """The gateway describes no way to stop a job."""

    async def check(self) -> str:
        """Read the credits that are left."""
        async with asking(NAME), self._line.open() as http:
            left = settled(json_of(NAME, await http.get("/api/v1/generate/credit")))
        return f"{left} credits left"


def settled(body: Json) -> object:
    """The data, unless the body's own `code` tells of an error, which it does under HTTP 200."""
    code = body.get("code")
    if code == 200:
        data: object = body.get("data")
        return data
    raise _refused(code, body.get("msg"))


def explain(response: httpx.Response, error: ProviderError) -> ProviderError:
    """Its HTTP statuses mean what the codes in its bodies mean."""
    status = response.status_code
    return _refused(status, error.message, **error.facts) if status in FAMILY else error


def _refused(code: object, said: object, **facts: Any) -> ProviderError:
    text = f"{NAME} answers {code}: {said}"
    if not isinstance(code, int):
        return unreadable(NAME, "an answer without a code")
    usual = ProviderInputInvalid if 400 <= code < 500 else ProviderUnavailable
    family = FAMILY.get(code, usual)
    if family is ProviderRateLimited:
        facts.setdefault("retry_after_s", None)
    return family(text, **facts)


def read_record(data: Json) -> Look:
    """A task as the gateway shows it."""
    status = str(data.get("status"))
    state = STATES.get(status)
    if state is None:
        raise unreadable(NAME, f"the status {status!r}")
    said = data.get("errorMessage") or status
    family = PolicyRejected if status == SENSITIVE else ProviderError
    response = data.get("response")
    songs = response.get("sunoData") if isinstance(response, dict) else None
    first = songs[0] if isinstance(songs, list) and songs and isinstance(songs[0], dict) else {}
    return Look(
        state,
        url=str(first.get("audioUrl") or ""),
        error=family(f"{NAME} could not make the song: {said}"),
        facts={"model": str(first.get("modelName") or MODEL), "song": str(first.get("id") or "")},
    )
