"""Lives through an artist's debut and first cycle in a home of its own, and says what each cost."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from app.ground import Edges
from app.home import Home
from app.label import Label
from app.wiring import open_label
from domain.actor import OPERATOR
from domain.event import Event
from domain.run import RUN_STATES, Run, RunKind, RunStatus, StepRecord
from runtime.settings import Settings

SCRIPT_FILE = Path(__file__).resolve().parent.parent / "tests" / "support" / "script.json"
BRIEF = "A lighthouse keeper who sings about the sea at night."
LONGEST_S = 3600.0


class Order(BaseModel):
    """What to live through."""

    model_config = ConfigDict(frozen=True)

    genre: str
    seed: int
    cover_px: int
    form: str | None
    model: bool


class StepCost(BaseModel):
    """One step, all its tries added up; moments are monotonic time."""

    model_config = ConfigDict(frozen=True)

    step: str
    tries: int
    spans: tuple[tuple[float, float], ...]
    wall_s: float
    cpu_s: float
    tokens: int
    calls_s: float


class RunCost(BaseModel):
    """One run; its CPU seconds include what happened between the steps."""

    model_config = ConfigDict(frozen=True)

    kind: RunKind
    began: float
    ended: float
    cpu_s: float
    steps: tuple[StepCost, ...]

    @property
    def wall_s(self) -> float:
        """From the start to the end."""
        return self.ended - self.began


class Life(BaseModel):
    """Both runs and the song that came of them."""

    model_config = ConfigDict(frozen=True)

    debut: RunCost
    cycle: RunCost
    song_s: float | None
    passed: bool


@dataclass
class Stopwatch:
    """Notes from the event log when each step began and ended."""

    spans: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)
    _began: dict[tuple[str, str], float] = field(default_factory=dict)

    def saw(self, events: Sequence[Event]) -> None:
        """Take in what was just committed."""
        for event in events:
            key = (str(event.run_id), str(event.data.get("step", "")))
            if event.kind == "step.started":
                self._began[key] = time.monotonic()
            elif event.kind == "step.finished":
                span = (self._began.pop(key), time.monotonic())
                self.spans.setdefault(key, []).append(span)


def settings_of(order: Order, home: Path) -> Settings:
    """The person's settings where the real model is asked for, else the scripted model."""
    settings = Settings(home=home, cover_size_px=order.cover_px, song_form=order.form)
    if order.model:
        return settings
    script = {"model_script": SCRIPT_FILE, "forbid_real_models": True}
    return settings.model_copy(update=script)


def live(order: Order) -> Life:
    """Debut and cycle in a temporary home; raises `RuntimeError` when one does not succeed."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_live(order, settings_of(order, Path(folder) / "home")))


async def _live(order: Order, settings: Settings) -> Life:
    watch = Stopwatch()
    owned = Home(settings.home).claim()
    try:
        async with open_label(settings, owned, Edges(on_commit=watch.saw)) as label:
            artist = await label.house.artists.create(OPERATOR, BRIEF, order.genre, order.seed)
            debut, _ = await _run(label, watch, artist.id, "debut", order.seed)
            cycle, run = await _run(label, watch, artist.id, "cycle", order.seed)
            works = (await label.views.run(OPERATOR, run.id)).works
            return Life(
                debut=debut,
                cycle=cycle,
                song_s=works[0].duration_s if works else None,
                passed=bool(works) and works[0].passed,
            )
    finally:
        owned.release()


async def _run(
    label: Label, watch: Stopwatch, artist_id: str, kind: RunKind, seed: int
) -> tuple[RunCost, Run]:
    began, cpu_began = time.monotonic(), _cpu_s()
    run = await label.house.runs.start(OPERATOR, artist_id, kind, approve="auto", seed=seed)
    await label.engine.drain(LONGEST_S)
    ended, cpu_ended = time.monotonic(), _cpu_s()
    run = await label.house.runs.get(OPERATOR, run.id)
    if run.status is not RunStatus.SUCCEEDED:
        left = run.failure or ("it has ended" if RUN_STATES.final(run.status) else "still busy")
        raise RuntimeError(f"the {kind} ended as {run.status}: {left}")
    steps = await label.house.runs.steps(OPERATOR, run.id)
    names = dict.fromkeys(s.step for s in steps)
    cost = RunCost(
        kind=kind,
        began=began,
        ended=ended,
        cpu_s=cpu_ended - cpu_began,
        steps=tuple(
            _cost(name, [s for s in steps if s.step == name], watch.spans[run.id, name])
            for name in names
        ),
    )
    return cost, run


def _cost(name: str, tries: list[StepRecord], spans: list[tuple[float, float]]) -> StepCost:
    return StepCost(
        step=name,
        tries=len(tries),
        spans=tuple(spans),
        wall_s=sum(t.duration_s for t in tries),
        cpu_s=sum(t.cpu_s for t in tries),
        tokens=sum(t.tokens for t in tries),
        calls_s=sum(call["latency_s"] for t in tries for call in t.report.get("calls", ()) if call),
    )


def _cpu_s() -> float:
    """CPU seconds of this process and of the children it has seen end."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
