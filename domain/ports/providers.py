"""Generators behind one job-shaped protocol; the embedded engines are providers too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from domain.choice import CreativeChoice
from domain.quality import QualityReport
from domain.requests import SongRequest

Progress = Callable[[str, float], None]
RequestT_contra = TypeVar("RequestT_contra", bound=BaseModel, contravariant=True)


class JobState(StrEnum):
    """How far a provider's job has come."""

    SUBMITTED = "submitted"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Capabilities(BaseModel):
    """What a provider can make."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    kind: Literal["text", "music", "image", "video", "speech"]
    made_by: Literal["algorithm", "trained_model", "composite"]
    offline: bool
    features: frozenset[str] = frozenset()
    languages: frozenset[str] | None = Field(default=None, description="None: any.")
    longest_s: float | None = Field(default=None, description="None: no limit is known.")
    founded_on: str = Field(
        default="", description="Source and date of what the client was written after."
    )
    verified: bool = Field(
        default=True, description="False: not founded on an SDK or a published description."
    )


class Quote(BaseModel):
    """What a job would cost."""

    model_config = ConfigDict(frozen=True)

    cost_usd: float
    cpu_s: float | None = None
    basis: str = Field(default="", description="The price list behind it, with its date.")


class GeneratedFile(BaseModel):
    """A file the provider made, still outside the media folder."""

    model_config = ConfigDict(frozen=True)

    role: str
    path: Path
    media_type: str


class Generated(BaseModel):
    """Everything a finished job gave."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    files: tuple[GeneratedFile, ...]
    reports: tuple[QualityReport, ...] = ()
    choices: tuple[CreativeChoice, ...] = ()
    facts: dict[str, str | float | int | None] = Field(default_factory=dict)
    cost_usd: float = 0.0
    billed: bool = Field(
        default=False, description="The provider told this cost; False: it is the list price."
    )


class Provider(Protocol, Generic[RequestT_contra]):
    """One generator. Errors are the `ProviderError` family or `EnvironmentProblem`."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can make."""

    async def quote(self, request: RequestT_contra) -> Quote:
        """Price a request before it is sent."""

    async def submit(self, request: RequestT_contra, idempotency_key: str, out_dir: Path) -> str:
        """Begin a job; the same key again names the same job."""

    async def poll(self, job_id: str) -> JobState:
        """How far the job has come."""

    async def cancel(self, job_id: str) -> None:
        """Stop the job where the provider allows it."""

    async def fetch(self, job_id: str, progress: Progress) -> Generated:
        """Wait for the job and bring its files to `out_dir`."""


class ExternalProvider(Provider[RequestT_contra], Protocol[RequestT_contra]):
    """A generator behind somebody else's API, which bills and may lose an answer.

    `submit` raises `ProviderTimeout` only when the request may have arrived; every error it
    raises before that is another of the family. It never sends the same key twice.
    """

    async def find(self, idempotency_key: str, out_dir: Path) -> str | None:
        """The job that was begun under the key, where the API or what it kept in `out_dir` can
        tell; None: neither can. Sends nothing that could begin a job.
        """

    def resume(self, job_id: str, idempotency_key: str, out_dir: Path) -> None:
        """Take up a job that an earlier process began, so that `poll` and `fetch` know it.

        Sends nothing. A job that is known already stays as it is.
        """

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> str:
        """The job a genuine call-back speaks of; raises `Unauthenticated` for any other."""

    async def check(self) -> str:
        """Ask something free of charge to see that key and service work; says what it saw."""


@dataclass(frozen=True)
class ProviderKind:
    """A provider that can be connected: what its client needs and how it is built.

    `fields` must be given: `key` (a secret), `url` (the address of a self-hosted service);
    `optional` ones may be, such as `webhook_secret`. `build` touches no network; it raises
    `InvalidInput` for a field that cannot be right. `usual_quote` is the price of a song of 90
    seconds by the price list, for somebody who has not connected it yet.
    """

    name: str
    title: str
    fields: tuple[str, ...]
    capabilities: Capabilities
    build: Callable[[Mapping[str, SecretStr]], ExternalProvider[SongRequest]]
    optional: tuple[str, ...] = ()
    usual_quote: Quote | None = None
