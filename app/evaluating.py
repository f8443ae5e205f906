"""Opens what an evaluation needs: the label's database, a model, a sense of meaning.

An evaluation runs in the process that was asked for it, beside a server if one is at work: both
write to the same database, and an evaluation changes nothing that artists see.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from app.home import Home
from domain.actor import Actor
from domain.errors import Conflict, HomeInUse
from domain.evaluation import EvalRun, SuiteForm
from domain.ports.clock import Clock
from domain.ports.model import Embedder, ModelGateway
from evals.books import TrialBook, find_prompt
from evals.runner import Order, Runner, Watch
from evals.suite import load_suite
from evals.transcript import ReplayingGateway
from prompts import SHIPPED
from runtime.clock import SystemClock
from runtime.embedder import MiniLmEmbedder
from runtime.gateway.build import build_gateway
from runtime.settings import Settings
from runtime.shared.build import open_shared
from services.artists import ArtistService
from services.eval_cases import EvalCaseService
from services.evaluations import EvaluationService
from store.database import Database
from store.migrate import upgrade
from store.usage import SqlUsageLedger


@dataclass(frozen=True)
class Wish:
    """What a person asks to be evaluated."""

    suite: str
    form: SuiteForm = "full"
    samples: int | None = None
    epochs: int = 1
    seed: int = 1
    artist: str | None = None
    prompts: Sequence[str] = ()
    replay: str | None = None
    kept: bool = True


@dataclass(frozen=True)
class Evaluating:
    """The parts of an evaluation, open."""

    evaluations: EvaluationService
    cases: EvalCaseService
    artists: ArtistService
    gateway: ModelGateway
    embedder: Embedder
    clock: Clock
    parallel: int

    async def run(self, actor: Actor, wish: Wish, watch: Watch | None = None) -> EvalRun:
        """Run what is wished, or go on with it where it was stopped."""
        gateway = await self._gateway(actor, wish)
        runner = Runner(self.evaluations, gateway, self.embedder, self.clock, self.parallel)
        return await runner.run(actor, await self._order(actor, wish), watch)

    async def _order(self, actor: Actor, wish: Wish) -> Order:
        suite = load_suite(wish.suite)
        if wish.kept:
            added = await self.cases.of_suite(actor, suite.name)
            suite = suite.with_cases([one.case for one in added])
        replaced = [prompt for named in wish.prompts for prompt in find_prompt(named)]
        artist = handle = None
        if wish.artist is not None:
            found = await self.artists.find(actor, wish.artist)
            if not found.profile_number:
                raise Conflict(
                    f"@{found.handle} has no profile yet",
                    field="artist",
                    remedy="Let its debut run end first.",
                )
            artist, handle = await self.artists.profile(actor, found.id), found.handle
        return Order(
            suite=suite,
            cases=suite.chosen(wish.form, wish.samples),
            book=TrialBook(SHIPPED, suite.prompts, replaced),
            form=wish.form,
            epochs=wish.epochs,
            seed=wish.seed,
            artist=artist,
            handle=handle,
        )

    async def _gateway(self, actor: Actor, wish: Wish) -> ModelGateway:
        if wish.replay is None:
            return self.gateway
        run = await self.evaluations.get(actor, wish.replay)
        said = (await self.evaluations.transcripts(actor, run.id)).values()
        return ReplayingGateway((c for t in said for c in t.calls), run.subject.models)


@asynccontextmanager
async def open_evaluating(settings: Settings) -> AsyncIterator[Evaluating]:
    """Open for the block; brings the database up to date where no server is at work."""
    async with AsyncExitStack() as stack:
        home = Home.of(settings)
        try:
            home.claim()
            await upgrade(settings.database)
        except HomeInUse:
            # Its owner has brought the database up to date.
            pass
        finally:
            home.release()
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        await database.ready()
        clock = SystemClock()
        shared = await stack.enter_async_context(open_shared(settings))
        gateway = build_gateway(settings, SqlUsageLedger(database), clock, shared)
        stack.push_async_callback(gateway.aclose)
        yield Evaluating(
            evaluations=EvaluationService(database, clock),
            cases=EvalCaseService(database, clock),
            artists=ArtistService(database, clock),
            gateway=gateway,
            embedder=MiniLmEmbedder(),
            clock=clock,
            parallel=settings.model_slots,
        )
