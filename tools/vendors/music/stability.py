"""Stability's Stable Audio by REST: an instrumental in answer to a form."""

from __future__ import annotations

import httpx
from pydantic import SecretStr

from domain.errors import PolicyRejected, ProviderError
from domain.ports.providers import Capabilities, Quote
from domain.requests import SongRequest
from tools.vendors.music.asks import ask_of, prompt_text
from tools.vendors.music.at_once import MAKING_TIMEOUT, AtOnce, Made
from tools.vendors.transport import Json, Line, asking, json_of, sending, unreadable

NAME = "stability"
BASE_URL = "https://api.stability.ai"
ENDPOINT = "/v2beta/audio/stable-audio-2/text-to-audio"
MODEL = "stable-audio-2.5"
LONGEST_S = 190.0
PROMPT_CHARS = 10_000
SEEDS = 4_294_967_295
STEPS = 8
USD_PER_SONG = 0.20
PRICE_BASIS = "list price, 20 credits of $0.01 a song, as a survey of May 2026 gives it"
MODERATION = "content_moderation"

ABLE = Capabilities(
    name=NAME,
    version=MODEL,
    kind="music",
    made_by="trained_model",
    offline=False,
    features=frozenset({"instrumental", "told_length"}),
    longest_s=LONGEST_S,
    founded_on="Stability's REST reference v2beta as public clients use it, November 2026",
    verified=False,
)


class StableAudio(AtOnce):
    """Instrumentals up to 190 s."""

    able = ABLE

    def __init__(self, key: SecretStr, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__()
        secret = {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._line = Line(NAME, BASE_URL, headers=secret, explain=explain, transport=transport)

    def price(self, request: SongRequest) -> Quote:
        """Twenty credits, whatever the length."""
        ask_of(request, self.able)
        return Quote(cost_usd=USD_PER_SONG, basis=PRICE_BASIS)

    def render(self, request: SongRequest) -> Json:
        """Lossless, with our length and seed."""
        ask = ask_of(request, self.able)
        return {
            "prompt": prompt_text(ask, PROMPT_CHARS),
            "duration": str(round(ask.duration_s)),
            "seed": str(ask.seed % SEEDS),
            "steps": str(STEPS),
            "model": MODEL,
            "output_format": "wav",
        }

    async def make(self, payload: Json) -> Made:
        """Send the form and take the sound."""
        # Fields as parts without a file name make a multipart form, which the API insists on.
        form = {name: (None, str(value)) for name, value in payload.items()}
        async with sending(NAME, at_once=True), self._line.open(MAKING_TIMEOUT) as http:
            answer = await http.post(ENDPOINT, files=form, headers={"Accept": "audio/*"})
            kind = answer.headers.get("content-type", "")
            if not kind.startswith("audio/"):
                raise unreadable(NAME, f"an answer of type {kind or 'unknown'}")
            if answer.headers.get("finish-reason") == "CONTENT_FILTERED":
                raise PolicyRejected(f"{NAME} filtered what it made", field="style")
        return Made(
            audio=answer.content, facts={"model": MODEL, "seed": answer.headers.get("seed")}
        )

    async def check(self) -> str:
        """Read the balance."""
        async with asking(NAME), self._line.open() as http:
            body = json_of(NAME, await http.get("/v1/user/balance"))
        return f"{body.get('credits')} credits left"


def explain(response: httpx.Response, error: ProviderError) -> ProviderError:
    """A refused prompt comes as 403 with a name of its own."""
    try:
        name = response.json().get("name")
    except (ValueError, AttributeError):
        return error
    if name != MODERATION:
        return error
    return PolicyRejected(error.message, field="style", remedy="Change the style.", **error.facts)
