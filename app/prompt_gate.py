"""Opens what recording a suite and holding prompts against recordings need."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from app.evaluating import Evaluating, Wish
from app.model_file import missing_model
from domain.actor import Actor
from domain.ports.model import ModelGateway
from evals.books import TrialBook, find_prompt
from evals.prompt_gate import MOST_SECONDS, PromptGate, PromptGates
from evals.recording import FOLDER, Recording, read_recording, recording_of
from evals.runner import Watch
from evals.suite import load_suite
from prompts import SHIPPED
from runtime.clock import SystemClock
from runtime.embedded.catalogue import find
from runtime.embedded.store import ensure_model
from runtime.embedder import MiniLmEmbedder
from runtime.gateway.build import build_gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.settings import Settings


def model_digest(settings: Settings) -> str:
    """Equal for settings whose model is the same: its file where it is known, else its name."""
    if settings.model_script is not None:
        return "scripted"
    if settings.model_url is not None:
        names = (settings.model_name, settings.model_fast, settings.model_judge)
        return hashlib.sha256(" ".join(name or "" for name in names).encode()).hexdigest()
    model = find(settings.embedded_model)
    return model.sha256 or model.name


async def record(
    parts: Evaluating, settings: Settings, actor: Actor, wish: Wish, watch: Watch | None = None
) -> Recording:
    """Run the suite, or finish its run, and take from it what is kept beside the code."""
    run = await parts.run(actor, wish, watch)
    return recording_of(
        run,
        await parts.evaluations.samples(actor, run.id),
        await parts.evaluations.transcripts(actor, run.id),
        model_digest=model_digest(settings),
    )


class Gating:
    """Judges suites one after the other; the model is opened when the first question is new."""

    def __init__(self, settings: Settings, stack: AsyncExitStack, folder: Path) -> None:
        self._settings = settings
        self._stack = stack
        self._folder = folder
        self._gateway: ModelGateway | None = None

    async def judge(
        self, name: str, prompts: Sequence[str] = (), most_seconds: float = MOST_SECONDS
    ) -> PromptGate:
        """Judge the prompts of one suite, some of them replaced by those on trial."""
        suite = load_suite(name)
        found = [prompt for named in prompts for prompt in find_prompt(named)]
        fitting = [p for p in found if p.header.id.partition(".")[0] in suite.prompts]
        gates = PromptGates(
            embedder=MiniLmEmbedder(),
            clock=SystemClock(),
            model_digest=model_digest(self._settings),
            live=self._live,
        )
        book = TrialBook(SHIPPED, suite.prompts, fitting)
        recording = read_recording(name, self._folder)
        return await gates.judge(suite, book, recording, most_seconds)

    def _live(self) -> ModelGateway:
        if self._gateway is None:
            # A machine that only checks changes has no model until one must be asked.
            if (model := missing_model(self._settings)) is not None:
                ensure_model(model, self._settings.cache_dir)
            gateway = build_gateway(self._settings, MemoryLedger(), SystemClock())
            self._stack.push_async_callback(gateway.aclose)
            self._gateway = gateway
        return self._gateway


@asynccontextmanager
async def open_gating(settings: Settings, folder: Path = FOLDER) -> AsyncIterator[Gating]:
    """Open for the block; it needs no database, and no model while nothing has changed."""
    async with AsyncExitStack() as stack:
        yield Gating(settings, stack, folder)
