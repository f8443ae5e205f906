"""ElevenLabs Music by the official SDK: a plan with our words, or a prompt, answered with sound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr

from domain.errors import PolicyRejected, ProviderAuth, ProviderError, ProviderNoCredit
from domain.ports.providers import Capabilities, Quote
from domain.requests import MusicAsk, SongRequest
from tools.vendors.music.asks import ask_of, prompt_text, sung
from tools.vendors.music.at_once import MAKING_TIMEOUT, AtOnce, Fact, Made
from tools.vendors.music.elevenlabs_plan import SHORTEST_MS, SONG_MAX_MS, composition_plan
from tools.vendors.music.multipart import split_parts
from tools.vendors.transport import Json, Line, asking, json_of, sending, unreadable

if TYPE_CHECKING:
    from elevenlabs.client import AsyncElevenLabs

NAME = "elevenlabs"
BASE_URL = "https://api.elevenlabs.io"
MODEL = "music_v2_5"
PROMPT_CHARS = 4_100
SEEDS = 2_147_483_648
USD_PER_MINUTE = 0.30
PRICE_BASIS = (
    "list price, $0.30 a minute of music, as a survey of June 2026 gives it; "
    "plans with included credits cost less"
)
WORDS = "words.json"
NO_CREDIT = frozenset({"quota_exceeded", "insufficient_credits", "payment_required"})
NO_PERMISSION = "missing_permissions"
NO_KEY = frozenset({"invalid_api_key", NO_PERMISSION, "needs_authorization"})
REFUSED = frozenset({"bad_prompt", "bad_composition_plan"})

ABLE = Capabilities(
    name=NAME,
    version=MODEL,
    kind="music",
    made_by="trained_model",
    offline=False,
    features=frozenset({"sung", "lyrics", "instrumental", "timed_words", "told_length"}),
    longest_s=SONG_MAX_MS / 1000,
    founded_on="elevenlabs SDK 2.78.0 and ElevenLabs' music documentation, November 2026",
)


class ElevenLabsMusic(AtOnce):
    """`compose_detailed`, once per key, with the SDK's own repetitions switched off."""

    able = ABLE

    def __init__(self, key: SecretStr, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__()
        self._key = key
        self._line = Line(NAME, BASE_URL, explain=explain, transport=transport)

    def price(self, request: SongRequest) -> Quote:
        """By the length asked for."""
        minutes = ask_of(request, self.able).duration_s / 60
        return Quote(cost_usd=round(minutes * USD_PER_MINUTE, 4), basis=PRICE_BASIS)

    def render(self, request: SongRequest) -> Json:
        """A plan where words are sung, otherwise a prompt, which alone can force an instrumental.

        A seed may not go with a prompt.
        """
        ask = ask_of(request, self.able)
        common: Json = {"model_id": MODEL, "output_format": "auto", "with_timestamps": True}
        if sung(ask):
            plan = composition_plan(ask, request.score)
            return common | {"composition_plan": plan, "seed": ask.seed % SEEDS}
        return common | {
            "prompt": prompt_text(ask, PROMPT_CHARS),
            "music_length_ms": _length_ms(ask),
            "force_instrumental": True,
        }

    async def make(self, payload: Json) -> Made:
        """Compose and read the answer to its end."""
        # The SDK's types take half a second to load, which only a song has time for.
        from elevenlabs.types import CompositionPlan  # noqa: PLC0415

        body = dict(payload)
        if "composition_plan" in body:
            body["composition_plan"] = CompositionPlan.model_validate(body["composition_plan"])
        async with sending(NAME, at_once=True), self._line.open(MAKING_TIMEOUT) as http:
            # The raw client: the convenience method of 2.78 drops the seed.
            call = self._client(http).music.with_raw_response.compose_detailed(
                **body, request_options={"max_retries": 0, "timeout_in_seconds": 600}
            )
            async with call as answer:
                data = b"".join([chunk async for chunk in answer.data])
                return read_answer(answer.headers, data)

    async def check(self) -> str:
        """Read the subscription, which costs nothing."""
        headers = {"xi-api-key": self._key.get_secret_value()}
        async with asking(NAME), self._line.open() as http:
            try:
                seen = json_of(NAME, await http.get("/v1/user/subscription", headers=headers))
            except ProviderAuth as error:
                # A key may be made for music alone, and then reads nothing of the account.
                if error.facts.get("word") != NO_PERMISSION:
                    raise
                return "the key is accepted; it may not read the subscription"
        limit, used = seen.get("character_limit"), seen.get("character_count")
        if not isinstance(limit, int) or not isinstance(used, int):
            raise unreadable(NAME, "a subscription without credits")
        return f"plan {seen.get('tier')}, {limit - used} of {limit} credits left"

    def _client(self, http: httpx.AsyncClient) -> AsyncElevenLabs:
        # As above: loaded when the first song is sent.
        from elevenlabs.client import AsyncElevenLabs  # noqa: PLC0415

        return AsyncElevenLabs(
            api_key=self._key.get_secret_value(), base_url=BASE_URL, httpx_client=http
        )


def _length_ms(ask: MusicAsk) -> int:
    return min(SONG_MAX_MS, max(SHORTEST_MS, round(ask.duration_s * 1000)))


def read_answer(headers: Mapping[str, str], data: bytes) -> Made:
    """The sound and what is said about it, from a multipart answer."""
    named = {name.lower(): value for name, value in headers.items()}
    kind = named.get("content-type", "")
    if kind.startswith("audio/"):
        return Made(audio=data)
    if not kind.startswith("multipart/"):
        raise unreadable(NAME, f"an answer of type {kind or 'unknown'}")
    parts = split_parts(NAME, kind, data)
    about = next((part.data for part in parts if part.media_type == "application/json"), b"{}")
    audio = next((part.data for part in parts if part.media_type.startswith("audio/")), b"")
    facts, extra = _about(about)
    song = named.get("song-id")
    return Made(audio=audio, facts=facts | ({"song_id": song} if song else {}), extra=extra)


def _about(text: bytes) -> tuple[dict[str, Fact], dict[str, bytes]]:
    """Facts worth keeping, and the word times as a file; the sound counts even without them."""
    facts: dict[str, Fact] = {"model": MODEL}
    try:
        about = json.loads(text)
    except ValueError:
        about = None
    if not isinstance(about, dict):
        return facts, {}
    song = about.get("song_metadata")
    if isinstance(song, dict) and isinstance(song.get("title"), str):
        facts["title"] = song["title"]
    words = about.get("words_timestamps")
    return facts, {WORDS: json.dumps(words).encode()} if words else {}


def explain(response: httpx.Response, error: ProviderError) -> ProviderError:
    """ElevenLabs says in `detail.status` (or `detail.code`) what is wrong."""
    try:
        detail = response.json().get("detail")
    except (ValueError, AttributeError):
        return error
    if not isinstance(detail, dict):
        return error
    word = str(detail.get("status") or detail.get("code") or "")
    if word in REFUSED:
        return _policy(error, detail)
    if word in NO_CREDIT:
        return ProviderNoCredit(error.message, remedy="Add credit at ElevenLabs.", **error.facts)
    if word in NO_KEY:
        facts = {**error.facts, "word": word}
        return ProviderAuth(error.message, remedy="Enter a valid key.", **facts)
    return error


def _policy(error: ProviderError, detail: Json) -> PolicyRejected:
    """The refusal with the vendor's proposal, as a style where it proposes a whole plan."""
    data = detail.get("data")
    said = {**detail, **data} if isinstance(data, dict) else detail
    plan = said.get("composition_plan_suggestion")
    proposed = said.get("prompt_suggestion")
    suggestion = proposed if proposed and isinstance(proposed, str) else _style_of(plan)
    return PolicyRejected(
        error.message,
        field="style",
        remedy="Take the proposed style." if suggestion else "Change style or words.",
        suggestion=suggestion,
        **error.facts,
    )


def _style_of(plan: object) -> str | None:
    """The styles of a proposed plan's first chunk, or its global ones."""
    if not isinstance(plan, dict):
        return None
    chunks = plan.get("chunks")
    first = chunks[0] if isinstance(chunks, list) and chunks else None
    styles = plan.get("positive_global_styles") or (
        first.get("positive_styles") if isinstance(first, dict) else None
    )
    return ", ".join(map(str, styles)) or None if isinstance(styles, list) else None
