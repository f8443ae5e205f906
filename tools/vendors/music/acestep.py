"""ACE-Step 1.5 on one's own machine, by the HTTP API its documentation describes."""

from __future__ import annotations

import json

import httpx
from pydantic import SecretStr

from domain.errors import ProviderError
from domain.ports.providers import Capabilities, JobState, Quote
from domain.requests import MusicAsk, SongRequest
from tools.vendors.music.asks import MINOR_MODES, ask_of, prompt_text, sung, tagged_lyrics
from tools.vendors.music.at_once import Fact
from tools.vendors.music.queued import Look, Patience, Queued
from tools.vendors.music.recording import Downloads
from tools.vendors.transport import Json, Line, asking, json_of, sending, unreadable

NAME = "ace-step"
CAPTION_CHARS, LYRICS_CHARS = 511, 4_095
SHORTEST_S, LONGEST_S = 10.0, 600.0
SLOWEST_BPM, FASTEST_BPM = 30, 300
SEEDS = 2**32
QUEUED, SUCCEEDED, FAILED = 0, 1, 2
STRANGER = "[]"
LOOKS_BEFORE_FORGOTTEN = 3

ABLE = Capabilities(
    name=NAME,
    version="1.5",
    kind="music",
    made_by="trained_model",
    offline=False,
    features=frozenset({"sung", "lyrics", "instrumental", "told_length"}),
    longest_s=LONGEST_S,
    founded_on="ACE-Step 1.5, docs/en/API.md and the API's own tests, read November 2026",
)
PRICE_BASIS = "self-hosted: nobody bills it"


class AceStep(Queued):
    """Jobs on a server of one's own: they cost no money, and end with the server's memory."""

    able = ABLE

    def __init__(
        self,
        url: str,
        key: SecretStr | None = None,
        *,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        secret = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        self._line = Line(NAME, self._url, headers=secret, transport=transport, direct=True)
        self._unheard: dict[str, int] = {}
        downloads = Downloads(NAME, own=self._url, headers=secret, transport=transport)
        super().__init__(downloads, patience or Patience(every_s=2.0))

    def price(self, request: SongRequest) -> Quote:
        """Nothing but the machine's own electricity."""
        ask_of(request, self.able)
        return Quote(cost_usd=0.0, basis=PRICE_BASIS)

    def render(self, request: SongRequest) -> Json:
        """One take, lossless, with our tempo, key, length and seed."""
        ask = ask_of(request, self.able)
        return {
            "prompt": prompt_text(ask, CAPTION_CHARS),
            "lyrics": tagged_lyrics(ask, LYRICS_CHARS) if sung(ask) else "[Instrumental]",
            "vocal_language": ask.language,
            "thinking": True,
            "audio_format": "flac",
            "bpm": min(FASTEST_BPM, max(SLOWEST_BPM, round(ask.tempo_bpm))),
            "key_scale": _key_scale(ask),
            "time_signature": "4",
            "audio_duration": min(LONGEST_S, max(SHORTEST_S, ask.duration_s)),
            "use_random_seed": False,
            "seed": ask.seed % SEEDS,
            "batch_size": 1,
        }

    async def send(self, payload: Json) -> str:
        """`POST /release_task`; nobody bills it, so only a lost answer leaves a doubt."""
        async with sending(NAME, billed=False), self._line.open() as http:
            data = unwrapped(await http.post("/release_task", json=payload))
        task_id = data.get("task_id") if isinstance(data, dict) else None
        if not isinstance(task_id, str) or not task_id:
            raise unreadable(NAME, "an answer without a task_id")
        return task_id

    async def look(self, job_id: str) -> Look:
        """`POST /query_result` for this one job."""
        async with asking(NAME), self._line.open() as http:
            data = unwrapped(await http.post("/query_result", json={"task_id_list": [job_id]}))
        tasks = data if isinstance(data, list) else []
        task = next((t for t in tasks if isinstance(t, dict) and t.get("task_id") == job_id), None)
        if task is None or (task.get("status") == QUEUED and task.get("result") == STRANGER):
            return self._not_heard_of(job_id)
        self._unheard.pop(job_id, None)
        return self._seen(task, _first_result(task.get("result")))

    def _seen(self, task: Json, result: Json) -> Look:
        status = task.get("status")
        if status == SUCCEEDED:
            file = result.get("file")
            url = f"{self._url}{file}" if isinstance(file, str) and file.startswith("/") else file
            return Look(JobState.DONE, url=str(url or ""), facts=_facts(result))
        if status == FAILED:
            said = result.get("error") or task.get("error") or "no reason was given"
            error = ProviderError(f"{NAME} could not make the song: {said}")
            return Look(JobState.FAILED, error=error)
        stage, share = result.get("stage"), result.get("progress")
        state = JobState.SUBMITTED if stage == "queued" else JobState.RUNNING
        return Look(state, share=share if isinstance(share, float) else None)

    def _not_heard_of(self, job_id: str) -> Look:
        """The server answers for unknown jobs as for queued ones, but with an empty result.

        A job may look so for a moment; one that keeps looking so was forgotten in a restart.
        """
        self._unheard[job_id] = self._unheard.get(job_id, 0) + 1
        if self._unheard[job_id] < LOOKS_BEFORE_FORGOTTEN:
            return Look(JobState.SUBMITTED)
        error = ProviderError(
            f"{NAME} no longer knows the job {job_id}; it was probably restarted",
            remedy="Nothing is to be done: another generator makes this song.",
        )
        return Look(JobState.FAILED, error=error)

    async def stop(self, job_id: str) -> None:
        """The API has no way to stop a job."""

    async def check(self) -> str:
        """`GET /health` and `GET /v1/models`."""
        async with asking(NAME), self._line.open() as http:
            health = unwrapped(await http.get("/health"))
            models = unwrapped(await http.get("/v1/models"))
        status = health.get("status") if isinstance(health, dict) else None
        if status != "ok":
            raise ProviderError(f"{NAME} says it is {status!r}", remedy="Look at the server.")
        default = models.get("default_model") if isinstance(models, dict) else None
        return f"healthy, default model {default or 'not named'}"


def unwrapped(response: httpx.Response) -> object:
    """What the unified wrapper holds; its own `code` and `error` count as much as the status."""
    body = json_of(NAME, response)
    if body.get("error") or body.get("code", 200) != 200:
        raise ProviderError(f"{NAME} answers {body.get('code')}: {body.get('error')}")
    if "data" not in body:
        raise unreadable(NAME, "an answer without data")
    data: object = body["data"]
    return data


def _first_result(text: object) -> Json:
    """The first entry of `result`, which is a JSON list in a string."""
    try:
        entries = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        entries = []
    first = entries[0] if isinstance(entries, list) and entries else {}
    return first if isinstance(first, dict) else {}


def _facts(result: Json) -> dict[str, Fact]:
    names = {"seed": "seed_value", "model": "dit_model", "language_model": "lm_model"}
    return {ours: str(result[theirs]) for ours, theirs in names.items() if result.get(theirs)}


def _key_scale(ask: MusicAsk) -> str:
    return f"{ask.key} {'Minor' if ask.mode in MINOR_MODES else 'Major'}"
