"""Google Lyria by the official SDK's interactions: one prompt, one song."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import httpx
from pydantic import SecretStr

from domain.errors import PolicyRejected, ProviderAuth, ProviderError, ProviderInputInvalid
from domain.ports.providers import Capabilities, Quote
from domain.requests import MusicAsk, SongRequest
from tools.vendors.music.asks import ask_of, prompt_text, sung, tagged_lyrics
from tools.vendors.music.at_once import MAKING_TIMEOUT, AtOnce, Made
from tools.vendors.transport import Json, Line, asking, json_of, sending, unreadable

NAME = "lyria"
BASE_URL = "https://generativelanguage.googleapis.com"
MODEL = "lyria-3.5"
STYLE_CHARS, LYRICS_CHARS = 4_000, 8_000
LONGEST_S = 180.0
USD_PER_SONG = 0.08
PRICE_BASIS = "list price of Lyria 3 Pro, $0.08 a song, March 2026; none was found for 3.5"
WRITTEN = "lyrics.txt"
ENDED = frozenset({"failed", "cancelled", "incomplete", "budget_exceeded"})
BAD_KEY = "API_KEY_INVALID"

ABLE = Capabilities(
    name=NAME,
    version=MODEL,
    kind="music",
    made_by="trained_model",
    offline=False,
    features=frozenset({"sung", "lyrics", "instrumental"}),
    languages=frozenset({"en", "de", "es", "fr", "hi", "ja", "ko", "pt"}),
    longest_s=LONGEST_S,
    founded_on="google-genai SDK 3.4.0 and the Gemini API's music guide, November 2026",
)


class WholeAnswers(httpx.AsyncClient):
    """Reads and judges every answer before the SDK does.

    The SDK hides what was lost behind errors of a private module, which cannot be told apart.
    """

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send it; raises the error family."""
        async with sending(NAME, at_once=True):
            answer = await super().send(request, **options)
            await answer.aread()
            json_of(NAME, answer)
        return answer


class Lyria(AtOnce):
    """Songs of a couple of minutes; the length is a wish in the prompt."""

    able = ABLE

    def __init__(self, key: SecretStr, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__()
        self._key = key
        self._line = Line(NAME, BASE_URL, explain=explain, transport=transport)

    def price(self, request: SongRequest) -> Quote:
        """A song's price."""
        ask_of(request, self.able)
        return Quote(cost_usd=USD_PER_SONG, basis=PRICE_BASIS)

    def render(self, request: SongRequest) -> Json:
        """One prompt with style, length and the words under section tags."""
        return {"model": MODEL, "input": _prompt(ask_of(request, self.able))}

    async def make(self, payload: Json) -> Made:
        """Create one interaction and take its sound."""
        async with self._line.open(MAKING_TIMEOUT, WholeAnswers) as http:
            seen = await self._client(http).aio.interactions.create(
                model=payload["model"], input=payload["input"], automatic_continuation=False
            )
        async with sending(NAME):
            return read_interaction(seen)

    async def check(self) -> str:
        """Read what the model is, which costs nothing."""
        headers = {"x-goog-api-key": self._key.get_secret_value()}
        async with asking(NAME), self._line.open() as http:
            answer = await http.get(f"/v1beta/models/{MODEL}", headers=headers)
            body = json_of(NAME, answer)
        return f"the key reaches {body.get('displayName') or body.get('name')}"

    def _client(self, http: httpx.AsyncClient) -> Any:
        # The SDK takes a second and a half to load: only a song has time for it.
        from google import genai  # noqa: PLC0415
        from google.genai.types import HttpOptions, HttpRetryOptions  # noqa: PLC0415

        options = HttpOptions(
            base_url=BASE_URL,
            httpx_async_client=http,
            timeout=600_000,
            retry_options=HttpRetryOptions(attempts=1),
        )
        return genai.Client(api_key=self._key.get_secret_value(), http_options=options)


def _prompt(ask: MusicAsk) -> str:
    style = prompt_text(ask, STYLE_CHARS)
    opening = f"A song of {round(ask.duration_s)} seconds: {style}."
    if not sung(ask):
        return f"{opening} Instrumental only, no vocals."
    return f"{opening}\n\nLyrics, to be sung as they stand:\n{tagged_lyrics(ask, LYRICS_CHARS)}"


def read_interaction(seen: Any) -> Made:
    """The sound of a finished interaction; raises the family for one that made none."""
    audio = getattr(seen, "output_audio", None)
    data = getattr(audio, "data", None)
    text = getattr(seen, "output_text", None) or ""
    if not data:
        raise _without_sound(str(getattr(seen, "status", "")), text)
    try:
        song = base64.b64decode(data, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise unreadable(NAME, "text that is no song") from error
    extra = {WRITTEN: text.encode()} if text else {}
    return Made(audio=song, facts={"model": MODEL, "interaction": str(seen.id)}, extra=extra)


def _without_sound(status: str, text: str) -> ProviderError:
    said = f"{NAME} made no sound ({status or 'no status'}): {text[:200] or 'no reason was given'}"
    if status == "completed":
        # Its safety filters withhold the sound of an interaction that is otherwise complete.
        return PolicyRejected(said, field="style", remedy="Change style or words.")
    if status not in ENDED:
        raise unreadable(NAME, f"an interaction of status {status!r}")
    return ProviderError(said)


def explain(response: httpx.Response, error: ProviderError) -> ProviderError:
    """Google answers a wrong key with 400, and says in the details how long to wait."""
    try:
        details = response.json()["error"]["details"]
    except (ValueError, LookupError, TypeError):
        return error
    entries = details if isinstance(details, list) else []
    told = [entry for entry in entries if isinstance(entry, dict)]
    if isinstance(error, ProviderInputInvalid) and any(d.get("reason") == BAD_KEY for d in told):
        return ProviderAuth(error.message, remedy="Enter a valid key.", **error.facts)
    delay = next((str(d["retryDelay"]) for d in told if "retryDelay" in d), "")
    if "retry_after_s" in error.facts and error.facts["retry_after_s"] is None:
        error.facts["retry_after_s"] = _seconds(delay)
    return error


def _seconds(text: str) -> float | None:
    try:
        return float(text.removesuffix("s"))
    except ValueError:
        return None
