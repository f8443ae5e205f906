"""MiniMax music generation: one request, the song as hexadecimal digits, errors in `base_resp`."""

from __future__ import annotations

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
from domain.ports.providers import Capabilities, Quote
from domain.requests import SongRequest
from tools.vendors.music.asks import ask_of, prompt_text, sung, tagged_lyrics
from tools.vendors.music.at_once import MAKING_TIMEOUT, AtOnce, Made
from tools.vendors.transport import Json, Line, asking, json_of, sending, unreadable

NAME = "minimax"
BASE_URL = "https://api.minimax.io"
ENDPOINT = "/v1/music_generation"
MODEL = "music-2.6"
PROMPT_CHARS, LYRICS_CHARS = 2_000, 3_500
USD_PER_SONG = 0.15
PRICE_BASIS = "list price, $0.15 a song, as resellers gave it in August 2026"
REQUEST_TIMED_OUT = 1001
INVALID = 2013
FAMILY: dict[int, type[ProviderError]] = {
    1002: ProviderRateLimited,
    1004: ProviderAuth,
    1008: ProviderNoCredit,
    1026: PolicyRejected,
    1027: PolicyRejected,
    1039: ProviderRateLimited,
    1041: ProviderRateLimited,
    1042: ProviderInputInvalid,
    INVALID: ProviderInputInvalid,
    2049: ProviderAuth,
}

ABLE = Capabilities(
    name=NAME,
    version=MODEL,
    kind="music",
    made_by="trained_model",
    offline=False,
    features=frozenset({"sung", "lyrics", "instrumental"}),
    founded_on="MiniMax's error codes and music generation reference, read November 2026",
)


class MiniMaxMusic(AtOnce):
    """Songs whose length the model chooses."""

    able = ABLE

    def __init__(self, key: SecretStr, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__()
        secret = {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._line = Line(NAME, BASE_URL, headers=secret, transport=transport)

    def price(self, request: SongRequest) -> Quote:
        """A song's price, whatever its length."""
        ask_of(request, self.able)
        return Quote(cost_usd=USD_PER_SONG, basis=PRICE_BASIS)

    def render(self, request: SongRequest) -> Json:
        """Style and tagged lyrics; hexadecimal, because a link would need a second answer."""
        ask = ask_of(request, self.able)
        payload: Json = {
            "model": MODEL,
            "prompt": prompt_text(ask, PROMPT_CHARS),
            "is_instrumental": not sung(ask),
            "output_format": "hex",
            "audio_setting": {"sample_rate": 44100, "bitrate": 256000, "format": "mp3"},
        }
        return payload | ({"lyrics": tagged_lyrics(ask, LYRICS_CHARS)} if sung(ask) else {})

    async def make(self, payload: Json) -> Made:
        """Send it and decode the song."""
        async with sending(NAME, at_once=True), self._line.open(MAKING_TIMEOUT) as http:
            body = settled(json_of(NAME, await http.post(ENDPOINT, json=payload)))
            data = body.get("data")
            digits = data.get("audio") if isinstance(data, dict) else None
            try:
                audio = bytes.fromhex(digits) if isinstance(digits, str) else b""
            except ValueError as error:
                raise unreadable(NAME, "digits that are no song") from error
        return Made(audio=audio, facts={"model": MODEL, "trace_id": str(body.get("trace_id"))})

    async def check(self) -> str:
        """Send an empty request, which is refused before anything is made or billed.

        No free endpoint is documented; how it is refused tells whether the key is good.
        """
        async with asking(NAME), self._line.open() as http:
            try:
                settled(json_of(NAME, await http.post(ENDPOINT, json={"model": MODEL})))
            except ProviderInputInvalid:
                return "the key is accepted"
        raise unreadable(NAME, "success to an empty request")


def settled(body: Json) -> Json:
    """The body, unless `base_resp` tells of an error."""
    told = body.get("base_resp")
    code = told.get("status_code") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(code, int):
        raise unreadable(NAME, "an answer without base_resp")
    if code == 0:
        return body
    said = f"{NAME} answers {code}: {told.get('status_msg')}"
    if code == REQUEST_TIMED_OUT:
        # Their own clock ran out on a request that was being worked on.
        raise ProviderUnavailable(said, status=504)
    family = FAMILY.get(code, ProviderUnavailable)
    raise family(said, **({"retry_after_s": None} if family is ProviderRateLimited else {}))
