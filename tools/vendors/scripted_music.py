"""A provider behind a script: does what it is told, faults included, and counts what it bills.

For tests and for trying the house's manners without an account; it makes a plain tone.
"""

from __future__ import annotations

import asyncio
import hmac
import shutil
import struct
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from math import pi, sin
from pathlib import Path

from pydantic import SecretStr

from domain.errors import (
    GreenroomError,
    NotFound,
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
    Unauthenticated,
)
from domain.ports.providers import (
    Capabilities,
    Generated,
    GeneratedFile,
    JobState,
    Progress,
    ProviderKind,
    Quote,
)
from domain.requests import SongRequest

RATE_HZ = 8000
TONE_HZ = 220.0
LOUD = 9000
SIGNATURE = "x-scripted-signature"
REQUEST = "request.json"
TONE = "song.wav"


class Fault(StrEnum):
    """What goes wrong with one submitted song."""

    NONE = "none"
    DOWN = "down"
    REFUSED_KEY = "refused key"
    NO_CREDIT = "no credit"
    RATE_LIMITED = "rate limited"
    POLICY = "policy"
    POLICY_WITH_SUGGESTION = "policy with suggestion"
    INPUT = "input"
    BILLED_AND_SILENT = "billed and silent"
    LOST_BUT_NOT_SENT = "lost but not sent"
    DIES_MID_JOB = "dies mid-job"
    DIES_OF_OVERLOAD = "dies of overload"
    NEVER_ENDS = "never ends"
    POLL_DOWN = "poll down"
    FETCH_DOWN = "fetch down"
    HTML = "html"
    SILENCE = "silence"
    TRUNCATED = "truncated"
    EMPTY = "empty"


REFUSALS: Mapping[Fault, Callable[[], ProviderError]] = {
    Fault.DOWN: lambda: ProviderUnavailable("the service answers 503"),
    Fault.REFUSED_KEY: lambda: ProviderAuth("the key is refused", remedy="Connect it again."),
    Fault.NO_CREDIT: lambda: ProviderNoCredit("the account is empty", remedy="Top it up."),
    Fault.RATE_LIMITED: lambda: ProviderRateLimited("too many requests", retry_after_s=5.0),
    Fault.POLICY: lambda: PolicyRejected("the style names a living artist"),
    Fault.POLICY_WITH_SUGGESTION: lambda: PolicyRejected(
        "the style names a living artist", suggestion="Warm synths at 90 BPM."
    ),
    Fault.INPUT: lambda: ProviderInputInvalid("the lyrics are too long"),
    Fault.LOST_BUT_NOT_SENT: lambda: ProviderTimeout("no answer within 60 s"),
}


@dataclass
class Order:
    """One job as the scripted service knows it."""

    key: str
    request: SongRequest
    fault: Fault
    polls: int = 0
    cancelled: bool = False


@dataclass
class ScriptedService:
    """The far side: outlives the clients, as a real service outlives our processes."""

    price_usd: float = 0.25
    faults: list[Fault] = field(default_factory=list)
    polls_needed: int = 2
    finds: bool = True
    stops: bool = False  # Whether a job can be cancelled.
    tells_bill: bool = False
    answers_after_s: float = 0.0  # In real seconds, so that songs meet at the service.
    check_fault: Fault = Fault.NONE
    orders: dict[str, Order] = field(default_factory=dict)
    submits: list[str] = field(default_factory=list)
    billed_usd: float = 0.0
    recording: Path | None = None  # A real song to send in place of the tone.

    def next_fault(self) -> Fault:
        """The fault of the next song; none when the script has ended."""
        return self.faults.pop(0) if self.faults else Fault.NONE

    def take(self, key: str, request: SongRequest, fault: Fault) -> str:
        """Begin a job and bill it; a known key names the job that stands."""
        job_id = f"job-{sha256(key.encode()).hexdigest()[:12]}"
        if job_id not in self.orders:
            self.orders[job_id] = Order(key, request, fault)
            self.billed_usd += self.price_usd
        return job_id

    def order(self, job_id: str) -> Order:
        """A known job, or `ProviderError`."""
        if job_id not in self.orders:
            raise ProviderError(f"no such job: {job_id}")
        return self.orders[job_id]


class ScriptedMusic:
    """Implements `domain.ports.providers.ExternalProvider` for songs."""

    def __init__(
        self, capabilities: Capabilities, service: ScriptedService, secret: str = "whisper"
    ) -> None:
        self._capabilities = capabilities
        self._service = service
        self._secret = secret
        self._folders: dict[str, Path] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What it can make."""
        return self._capabilities

    async def quote(self, request: SongRequest) -> Quote:
        """The same for every song."""
        return Quote(cost_usd=self._service.price_usd, basis="the script")

    async def submit(self, request: SongRequest, idempotency_key: str, out_dir: Path) -> str:
        """Begin a job, or fail as the script says."""
        service = self._service
        fault = service.next_fault()
        service.submits.append(idempotency_key)
        await asyncio.sleep(service.answers_after_s)
        refusal = REFUSALS.get(fault)
        if refusal is not None:
            raise refusal()
        job_id = service.take(idempotency_key, request, fault)
        if fault is Fault.BILLED_AND_SILENT:
            raise ProviderTimeout("no answer within 60 s")
        self._folders[job_id] = out_dir / idempotency_key
        return job_id

    async def poll(self, job_id: str) -> JobState:
        """Done after the scripted number of polls."""
        self._known(job_id)
        order = self._service.order(job_id)
        if order.cancelled:
            return JobState.CANCELLED
        order.polls += 1
        if order.fault is Fault.POLL_DOWN:
            raise ProviderUnavailable("the service answers 502")
        if order.polls < self._service.polls_needed or order.fault is Fault.NEVER_ENDS:
            return JobState.RUNNING
        dead = order.fault in (Fault.DIES_MID_JOB, Fault.DIES_OF_OVERLOAD)
        return JobState.FAILED if dead else JobState.DONE

    async def cancel(self, job_id: str) -> None:
        """Stop it, where the script allows that and it has not ended."""
        self._known(job_id)
        order = self._service.order(job_id)
        if order.fault is Fault.POLL_DOWN:
            raise ProviderUnavailable("the service answers 502")
        order.cancelled = self._service.stops and order.polls < self._service.polls_needed

    async def fetch(self, job_id: str, progress: Progress) -> Generated:
        """Bring the tone, or what the script puts in its place."""
        folder = self._known(job_id)
        order = self._service.order(job_id)
        if order.fault is Fault.FETCH_DOWN:
            raise ProviderUnavailable("the download answers 502")
        if order.fault is Fault.DIES_MID_JOB:
            raise ProviderError("the worker that made it died")
        if order.fault is Fault.DIES_OF_OVERLOAD:
            raise ProviderUnavailable("the job failed: no worker was free")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / TONE
        if self._service.recording and order.fault is Fault.NONE:
            file = folder / f"song{self._service.recording.suffix}"
            shutil.copyfile(self._service.recording, file)
        else:
            _write(file, order)
        if order.fault is Fault.HTML:
            raise ProviderError("it sent a page of HTML instead of a song")
        progress("fetched", 1.0)
        return Generated(
            files=(GeneratedFile(role="recording", path=file, media_type="audio/wav"),),
            facts={"style": order.request.ask.style if order.request.ask else None},
            cost_usd=self._service.price_usd,
            billed=self._service.tells_bill,
        )

    async def find(self, idempotency_key: str, out_dir: Path) -> str | None:
        """By key, where the script lets it."""
        if not self._service.finds:
            return None
        for job_id, order in self._service.orders.items():
            if order.key == idempotency_key:
                return job_id
        return None

    def resume(self, job_id: str, idempotency_key: str, out_dir: Path) -> None:
        """Take up a job that an earlier client began."""
        self._folders.setdefault(job_id, out_dir / idempotency_key)

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> str:
        """Signed with the secret; the body is the job's id."""
        given = headers.get(SIGNATURE, "")
        if not hmac.compare_digest(given, sign(self._secret, body)):
            raise Unauthenticated("the call-back is not signed by the provider")
        return body.decode()

    async def check(self) -> str:
        """Well, unless the script says otherwise."""
        refusal = REFUSALS.get(self._service.check_fault)
        if refusal is not None:
            raise refusal()
        return "the key is good for 40 songs"

    def _known(self, job_id: str) -> Path:
        if job_id not in self._folders:
            raise NotFound(f"this client does not know the job {job_id}")
        return self._folders[job_id]


class PlainEngine:
    """An embedded engine that makes the tone at once; `trouble` is raised in its place."""

    def __init__(self, trouble: GreenroomError | None = None) -> None:
        self.trouble = trouble
        self.made = 0

    @property
    def capabilities(self) -> Capabilities:
        """What it can make."""
        return Capabilities(
            name="plain",
            version="1",
            kind="music",
            made_by="algorithm",
            offline=True,
            features=frozenset({"sung", "lyrics", "instrumental"}),
        )

    async def quote(self, request: SongRequest) -> Quote:
        """It costs nothing."""
        return Quote(cost_usd=0.0)

    async def submit(self, request: SongRequest, idempotency_key: str, out_dir: Path) -> str:
        """The job is its folder."""
        folder = out_dir / idempotency_key
        folder.mkdir(parents=True, exist_ok=True)
        (folder / REQUEST).write_text(request.model_dump_json())
        return str(folder)

    async def poll(self, job_id: str) -> JobState:
        """Done once the tone is there."""
        return JobState.DONE if (Path(job_id) / TONE).exists() else JobState.SUBMITTED

    async def cancel(self, job_id: str) -> None:
        """There is nothing to stop."""

    async def fetch(self, job_id: str, progress: Progress) -> Generated:
        """Make the tone, or read it back."""
        if self.trouble is not None:
            raise self.trouble
        folder = Path(job_id)
        if not (folder / TONE).exists():
            request = SongRequest.model_validate_json((folder / REQUEST).read_text())
            _write(folder / TONE, Order(folder.name, request, Fault.NONE))
            self.made += 1
        return Generated(
            files=(GeneratedFile(role="flac", path=folder / TONE, media_type="audio/wav"),)
        )


def scripted_kind(
    name: str,
    service: ScriptedService,
    *,
    fields: Sequence[str] = ("key",),
    **changes: object,
) -> ProviderKind:
    """A catalogue entry whose clients all speak to `service`."""
    able = Capabilities.model_validate(
        {
            "name": name,
            "version": "1",
            "kind": "music",
            "made_by": "trained_model",
            "offline": False,
            "features": {"sung", "lyrics", "instrumental", "webhook"},
            "founded_on": "a script",
            **changes,
        }
    )

    def build(credentials: Mapping[str, SecretStr]) -> ScriptedMusic:
        secret = credentials.get("webhook_secret", SecretStr("whisper"))
        return ScriptedMusic(able, service, secret.get_secret_value())

    return ProviderKind(
        name=name,
        title=name.title(),
        fields=tuple(fields),
        capabilities=able,
        build=build,
        optional=("webhook_secret",),
        usual_quote=Quote(cost_usd=service.price_usd, basis="the script"),
    )


def sign(secret: str, body: bytes) -> str:
    """The signature of a call-back."""
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def _write(file: Path, order: Order) -> None:
    if order.fault is Fault.EMPTY:
        file.write_bytes(b"")
        return
    if order.fault is Fault.HTML:
        file.write_text("<!doctype html><title>Sign in</title>")
        return
    loud = 0 if order.fault is Fault.SILENCE else LOUD
    seconds = order.request.ask.duration_s if order.request.ask else 1.0
    frames = int(min(seconds, 2.0) * RATE_HZ)
    tone = [int(loud * sin(2 * pi * TONE_HZ * n / RATE_HZ)) for n in range(frames)]
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(struct.pack(f"<{frames}h", *tone))
    if order.fault is Fault.TRUNCATED:
        file.write_bytes(file.read_bytes()[:64])
