"""What the whole of learning gains: `python -m benchmarks loop [--seeds N]`.

A study on the simulated audience, whose tastes act on measured features of really rendered songs.
A label makes songs day by day. One side is frozen: it draws as shipped. The other learns by the
house's own parts: the tuner of a choice (here the genre), versions of a prompt (here how lively
songs are asked to be) that must prove themselves on works they were not chosen by, and the ledger
that applies, judges and reverts both. True appeal is told without the luck of single works.

In the null world nobody may gain. A shifted audience wants the opposite from one day on; a
poisoned one holds bots for some days that push what people like less and shout down the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median

import numpy as np

from benchmarks.bandits import FORM, LINES
from benchmarks.table import Column, Row, Table, print_tables
from domain.actor import SYSTEM
from domain.adaptation import (
    Adaptation,
    AdaptationStatus,
    Change,
    Effect,
    Evidence,
    Proposal,
    Scope,
    drawing_weights,
)
from domain.choice import CreativeChoice
from domain.errors import Conflict, InvalidInput
from domain.score import BriefOverrides, LyricSection, SongBrief
from evals.audience.features import Features, Rendered, measure
from evals.audience.world import Audience, Work, WorldSpec
from evals.audience.worlds import null, plain, poisoned, shifting
from evals.evolution.verdict import Proof, prove
from learning.intervals import CaseScores, Interval, bootstrap_interval
from learning.off_policy import Logged
from media.compose import compose
from media.encode import decode
from media.song import render_song
from media.soundfont import prepare
from packs import SOUND_FONT, load_pack, pack_ids
from runtime.clock import ManualClock
from services.adaptations import AdaptationService
from services.tuner import Heard, Tuner
from store.database import Database
from store.migrate import upgrade

SCOPE = Scope(genre="study")
PROMPT = "prompt.song"
SHIPPED_PROMPT = "as shipped"
# A version of the prompt asks for calmer or livelier songs; works show it in what is measured.
LIVELINESS: Mapping[str, float] = {SHIPPED_PROMPT: 0.0, "calm": -0.8, "lively": 0.8}
FIRST_SEED = 101
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)
# Days after a trouble's begin in which its alarm is promised, and how often.
DELAY_DAYS, PROMISED = 30, 0.8
Bank = Mapping[tuple[str, str], Sequence[Features]]


@dataclass(frozen=True)
class Study:
    """How long a label lives, and how many meet its songs; trouble comes on `trouble_day`."""

    seeds: range
    days: int = 240
    songs_a_day: int = 2
    exposures: int = 200
    trouble_day: int = 120
    trouble_days: int = 20
    tune_every: int = 3
    evolve_every: int = 30
    panel_cases: int = 30
    panel: int = 40
    settled_days: int = 40


@dataclass
class Life:
    """What a label made each day was truly worth, and what its ledger says."""

    appeal: list[float] = field(default_factory=list)
    entries: list[Adaptation] = field(default_factory=list)

    def worth(self, first: int, last: int) -> float:
        """Mean true appeal of the works of these days."""
        return mean(self.appeal[first:last])

    def reversal_day(self, since: int) -> int | None:
        """The first day from `since` on, counted from there, on which a change was reverted."""
        days = [
            (e.settled_at - BEGIN) // DAY - since
            for e in self.entries
            if e.status is AdaptationStatus.REVERTED
        ]
        return min((day for day in days if day >= 0), default=None)


def rendered_bank(songs: int) -> dict[tuple[str, str], list[Features]]:
    """Songs of four bars of every genre and every version of the prompt, rendered and measured."""
    with tempfile.TemporaryDirectory() as scratch:
        sf2 = prepare(SOUND_FONT, Path(scratch))
        return {
            (pack_id, version): [
                _song(pack_id, energy, seed, sf2, Path(scratch) / "song") for seed in range(songs)
            ]
            for pack_id in pack_ids()
            for version, energy in LIVELINESS.items()
        }


def _song(pack_id: str, energy: float, seed: int, sf2: Path, folder: Path) -> Features:
    pack = load_pack(pack_id)
    brief = SongBrief(
        title="Study", pack_id=pack_id, seed=seed,
        lyrics=(LyricSection(section="chorus", lines=LINES[:1]),),
        overrides=BriefOverrides(form=FORM, energy=energy),
    )  # fmt: skip
    score = compose(brief, pack)
    sound, rate = decode(render_song(score, pack, folder, sf2).flac)
    return measure(Rendered(sound, rate, score, lyrics=LINES))


@dataclass
class Label:
    """A label in a world: it makes songs, and learns from what they earn unless it is frozen."""

    spec: WorldSpec
    bank: Bank
    study: Study
    ledger: AdaptationService
    clock: ManualClock
    learns: bool
    heard: list[Heard] = field(default_factory=list)
    life: Life = field(default_factory=Life)

    def __post_init__(self) -> None:
        self.audience = Audience(self.spec)
        # Panels are asked aside: they do not tire the audience of the label's own works.
        self.panel = Audience(self.spec)
        self.luckless = Audience(self.spec.model_copy(update={"luck": 0.0}))
        self.rng = np.random.default_rng([self.spec.seed, 11])
        self.genres = tuple(dict.fromkeys(genre for genre, _ in self.bank))
        self.shipped = dict.fromkeys(self.genres, 1.0)
        self.tuner = Tuner(self.ledger, "genre")

    async def live(self) -> Life:
        """All its days."""
        for day in range(self.study.days):
            weights, version = await self._in_force()
            worths = [
                self._release(day, song, weights, version) for song in range(self.study.songs_a_day)
            ]
            self.life.appeal.append(mean(worths))
            self.clock.advance(DAY)
            if self.learns:
                await self._learn(day + 1)
        self.life.entries = await self.ledger.page(SYSTEM, limit=500)
        return self.life

    async def _in_force(self) -> tuple[dict[str, float], str]:
        learnt = await self.ledger.value(SYSTEM, self.tuner.parameter, SCOPE)
        version = await self.ledger.value(SYSTEM, PROMPT, SCOPE)
        return drawing_weights(self.shipped, learnt), str(version or SHIPPED_PROMPT)

    def _release(self, day: int, song: int, weights: Mapping[str, float], version: str) -> float:
        chances = np.array([weights[genre] for genre in self.genres])
        chances /= chances.sum()
        genre = self.genres[int(self.rng.choice(len(chances), p=chances))]
        features = self._features(genre, version)
        work = Work(f"{self.study.songs_a_day * day + song}", features)
        answers = self.audience.visit([work], day, self.study.exposures)
        choice = CreativeChoice(
            name="genre", options=self.genres, probabilities=tuple(chances.tolist()),
            chosen=genre, seed=day,
        )  # fmt: skip
        reward = answers.counts()["like"] / len(answers.work)
        self.heard.append((self.clock.now(), Logged(choice=choice, reward=reward)))
        return self.luckless.true_appeal(Work("", features), day)

    def _features(self, genre: str, version: str) -> Features:
        songs = self.bank[genre, version]
        return songs[int(self.rng.integers(len(songs)))]

    async def _learn(self, day: int) -> None:
        try:
            if day % self.study.tune_every == 0:
                await self.tuner.step(SYSTEM, SCOPE, self.shipped, self.heard)
                await self._judge_prompt()
            if day % self.study.evolve_every == 0:
                await self._evolve(day)
        except (InvalidInput, Conflict):
            return  # The log cannot tell yet, or the parameter rests.

    async def _judge_prompt(self) -> None:
        live = await self.ledger.live(SYSTEM, PROMPT, SCOPE)
        if live is not None and live.status is AdaptationStatus.ACTIVE:
            await self.tuner.judge(SYSTEM, live, self.heard)

    async def _evolve(self, day: int) -> None:
        """Choose among versions on some works, and bring in one that proves better on others."""
        weights, before = await self._in_force()
        others = [version for version in LIVELINESS if version != before]
        asked = self._panel_scores([before, *others], weights, f"train-{day}", day)
        best = max(others, key=lambda version: _mean(asked[version]))
        if _mean(asked[best]) <= _mean(asked[before]):
            return
        test = self._panel_scores([before, best], weights, f"test-{day}", day)
        proof = prove(test[before], test[best])
        if not proof.better:
            return
        held = await self.ledger.value(SYSTEM, PROMPT, SCOPE)
        entry = await self.ledger.propose(SYSTEM, _version(held, best, proof))
        await self.ledger.apply(SYSTEM, entry.id, proof.reason)

    def _panel_scores(
        self, versions: Sequence[str], weights: Mapping[str, float], name: str, day: int
    ) -> dict[str, list[CaseScores]]:
        """Likes of the same genres' songs by each version, new works all."""
        chances = np.array([weights[genre] for genre in self.genres])
        drawn = self.rng.choice(len(chances), self.study.panel_cases, p=chances / chances.sum())
        found: dict[str, list[CaseScores]] = {version: [] for version in versions}
        for case, place in enumerate(drawn.tolist()):
            for version in versions:
                features = self._features(self.genres[place], version)
                work = Work(f"{name}-{case}-{version}", features)
                answers = self.panel.expose([work], [0] * self.study.panel, day)
                score = answers.counts()["like"] / self.study.panel
                found[version].append(CaseScores(case_id=str(case), scores=(score,)))
        return found


def _mean(scores: Sequence[CaseScores]) -> float:
    return mean(case.mean or 0.0 for case in scores)


def _version(before: object, after: str, proof: Proof) -> Proposal:
    gap = proof.comparison.difference
    effect = Effect(
        measure="likes by a panel", estimate=gap.estimate, low=gap.low, high=gap.high,
        observations=proof.comparison.cases,
    )  # fmt: skip
    change = {"parameter": PROMPT, "before": before, "after": after}
    return Proposal(
        hypothesis=f"Songs asked for as {after} are liked more.",
        change=Change.model_validate(change),
        scope=SCOPE,
        evidence=(Evidence(kind="evaluation", says=proof.reason, effect=effect),),
        expected=effect,
        owner="prompt.evolution",
    )


async def _lived(spec: WorldSpec, bank: Bank, study: Study, *, learns: bool) -> Life:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'label.db'}"
        await upgrade(url)
        database = Database(url)
        clock = ManualClock(BEGIN)
        ledger = AdaptationService(database, clock)
        try:
            return await Label(spec, bank, study, ledger, clock, learns).live()
        finally:
            await database.close()


@dataclass(frozen=True)
class Pair:
    """The label that learns, and the frozen one, in the same world."""

    learning: Life
    frozen: Life

    def gain(self, first: int, last: int) -> float:
        """Points of true appeal that learning gained in the works of these days."""
        return 100.0 * (self.learning.worth(first, last) - self.frozen.worth(first, last))


def pairs(world: Callable[[int], WorldSpec], bank: Bank, study: Study) -> list[Pair]:
    """Both labels' lives in every seed's world."""

    async def both(seed: int) -> Pair:
        spec = world(seed)
        return Pair(
            await _lived(spec, bank, study, learns=True),
            await _lived(spec, bank, study, learns=False),
        )

    return [asyncio.run(both(seed)) for seed in study.seeds]


def worlds(study: Study) -> dict[str, Callable[[int], WorldSpec]]:
    """Those studied, by name."""
    last = study.trouble_day + study.trouble_days - 1
    return {
        "plain": plain,
        "null": null,
        "shifted": lambda seed: shifting(seed, study.trouble_day),
        "poisoned": lambda seed: poisoned(seed, (study.trouble_day, last)),
    }


def gained(done: Sequence[Pair], first: int, last: int) -> Interval:
    """Over seeds."""
    return bootstrap_interval([pair.gain(first, last) for pair in done], seed=4)


def changed(pair: Pair, study: Study) -> bool:
    """Whether something learnt was in force when the trouble began."""
    at = BEGIN + study.trouble_day * DAY
    for entry in pair.learning.entries:
        reverted = entry.status is AdaptationStatus.REVERTED and entry.settled_at < at
        if entry.was_applied and entry.applied_at < at and not reverted:
            return True
    return False


def delays(done: Sequence[Pair], study: Study) -> list[int | None]:
    """Days from the trouble's begin to the first reversal, where there was something to revert."""
    return [pair.learning.reversal_day(study.trouble_day) for pair in done if changed(pair, study)]


def gain_table(name: str, done: Sequence[Pair], study: Study) -> Table:
    """True appeal gained against the frozen label: before trouble, in it, and when settled."""
    columns = (Column("appeal gained, points", 2), Column("from", 2), Column("to", 2))
    trouble, end = study.trouble_day, study.days
    spans = {
        f"before day {trouble}": (trouble - study.settled_days, trouble),
        f"next {study.trouble_days} days": (trouble, trouble + study.trouble_days),
        f"last {study.settled_days} days": (end - study.settled_days, end),
    }
    rows = []
    for label, (first, last) in spans.items():
        gap = gained(done, first, last)
        rows.append(Row(label, (gap.estimate, gap.low, gap.high)))
    title = f"{name}: {len(done)} seeds, {study.songs_a_day * study.days} songs, 95 % intervals"
    return Table(title, columns, tuple(rows), rows[0].name, _told(name, done, study))


def _told(name: str, done: Sequence[Pair], study: Study) -> tuple[str, ...]:
    entries = [entry for pair in done for entry in pair.learning.entries]
    reverted = sum(entry.status is AdaptationStatus.REVERTED for entry in entries)
    notes = [f"{len(entries)} changes by the ledger, {reverted} of them reverted"]
    if name in ("shifted", "poisoned"):
        found = delays(done, study)
        in_time = [day for day in found if day is not None and day <= DELAY_DAYS]
        half = f", half of them by day {median(in_time):.0f}" if in_time else ""
        notes.append(
            f"reverted within {DELAY_DAYS} days of the trouble in {len(in_time)} of the "
            f"{len(found)} worlds where something learnt was in force{half}"
        )
    return tuple(notes)


def kept(done: Mapping[str, Sequence[Pair]], study: Study) -> dict[str, bool]:
    """The promises, and whether each holds."""
    end = study.days
    settled = (end - study.settled_days, end)
    promises = {
        "plain: learning gains": gained(done["plain"], *settled).low > 0,
        "null: nobody gains": abs(gained(done["null"], *settled).estimate) < 0.1,
    }
    for name in ("shifted", "poisoned"):
        found = delays(done[name], study)
        in_time = sum(day is not None and day <= DELAY_DAYS for day in found)
        promises[f"{name}: reverted in time"] = in_time >= PROMISED * max(1, len(found))
        promises[f"{name}: recovered"] = gained(done[name], *settled).low > 0
    return promises


def main() -> int:
    """Print the tables; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--days", type=int, default=Study.days)
    parser.add_argument("--songs", type=int, default=4, help="songs rendered of each kind")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    study = Study(seeds, days=options.days)
    bank = rendered_bank(options.songs)
    done = {name: pairs(world, bank, study) for name, world in worlds(study).items()}
    tables = tuple(gain_table(name, lives, study) for name, lives in done.items())
    print_tables(tables, as_json=options.json)
    promises = kept(done, study)
    for promise, holds in promises.items():
        print(f"{promise}: {'kept' if holds else 'missed'}", file=sys.stderr)
    return 0 if all(promises.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
