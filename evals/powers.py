"""What each shipped suite's gate can tell, from how answers to it were measured to vary.

Computed when a suite is recorded, and kept beside the recordings with the model's name and the day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from domain.evaluation import EvalRun
from evals.recording import FOLDER, Recording, read_recording, recorded_suites
from evals.suite import Suite
from learning.intervals import CaseScores
from learning.power import (
    Components,
    GatePower,
    components,
    detectable_effect,
    gate_power,
    noise_of_epochs,
)

EFFECT = 0.05
WANTED_POWER = 0.8
# Asking a case still more often teaches nothing of other cases.
EPOCHS = (1, 2, 3, 5, 8, 12, 20, 30)
_FILE = "power.json"
_SEED = 1


class SuitePower(BaseModel):
    """The gate at the suite's whole size: once through, and with as many epochs as it needs."""

    model_config = ConfigDict(frozen=True)

    suite: str
    model: str
    measured_on: date
    measured_cases: int
    measured_epochs: int
    mean: float
    variances: Components
    once: GatePower
    enough: GatePower

    def detectable(self, cases: int, epochs: int) -> float | None:
        """The loss that so many samples find four times out of five, if they can find any."""
        return detectable(self.variances, cases, epochs)


def detectable(variances: Components, cases: int, epochs: int) -> float | None:
    """The smallest loss found with 80 % power; None where no epochs have shown any noise."""
    if cases < 2 or variances.of_difference(epochs) == 0.0:
        return None
    return detectable_effect(variances, cases=cases, epochs=epochs)


def scores_of(recording: Recording) -> list[CaseScores]:
    """The score that counts, as it was recorded, case by case."""
    cases: dict[str, list[float | None]] = {}
    for sample in sorted(recording.samples, key=lambda kept: kept.epoch):
        given = sample.scores.get(recording.main)
        value = None if given is None else given.value
        # Without an answer it had failed, and was worth nothing.
        cases.setdefault(sample.case, []).append(0.0 if sample.output is None else value)
    return [CaseScores(case_id=case, scores=tuple(held)) for case, held in cases.items()]


def power_of(suite: Suite, recording: Recording) -> SuitePower | None:
    """Measure; None where the recording has too few epochs to show how answers vary."""
    scores = scores_of(recording)
    levels = [mean for case in scores if len(case.scored) > 1 and (mean := case.mean) is not None]
    if len(levels) < 2 or sum(levels) / len(levels) <= EFFECT:
        return None
    means = [mean for case in scores if (mean := case.mean) is not None]
    once = _gate(scores, len(suite.cases), EPOCHS[0])
    return SuitePower(
        suite=suite.name,
        model=recording.model,
        measured_on=recording.recorded_on,
        measured_cases=len(scores),
        measured_epochs=recording.epochs,
        mean=sum(means) / len(means),
        variances=components(scores),
        once=once,
        enough=_enough(scores, len(suite.cases), once),
    )


def _enough(scores: Sequence[CaseScores], cases: int, once: GatePower) -> GatePower:
    """The fewest epochs that find the loss often enough, or the most there are."""
    found = once
    for epochs in EPOCHS[1:]:
        if found.power.estimate >= WANTED_POWER:
            break
        found = _gate(scores, cases, epochs)
    return found


def _gate(scores: Sequence[CaseScores], cases: int, epochs: int) -> GatePower:
    noise = noise_of_epochs(scores, epochs=epochs, seed=_SEED)
    return gate_power(noise, cases=cases, epochs=epochs, effect=EFFECT, seed=_SEED)


def gate_of_run(
    run: EvalRun, scores: Sequence[CaseScores], folder: Path = FOLDER
) -> GatePower | None:
    """The gate against this baseline: by its own epochs, else by what the suite's recording shows.

    None for the smoke form, which claims nothing, and where nothing was measured.
    """
    if run.form == "smoke":
        return None
    known = scores
    if run.epochs < 2:
        if run.suite not in recorded_suites(folder):
            return None
        known = scores_of(read_recording(run.suite, folder))
    levels = [mean for case in known if len(case.scored) > 1 and (mean := case.mean) is not None]
    # Where a loss of this size would leave nothing, there is none to plant.
    if len(levels) < 2 or sum(levels) / len(levels) <= EFFECT:
        return None
    return _gate(known, len(run.case_ids), run.epochs)


_POWERS = TypeAdapter(dict[str, SuitePower])


def read_powers(folder: Path = FOLDER) -> dict[str, SuitePower]:
    """All that were measured, by suite."""
    path = folder / _FILE
    return _POWERS.validate_json(path.read_bytes()) if path.is_file() else {}


def write_power(power: SuitePower, folder: Path = FOLDER) -> None:
    """Keep one suite's beside the others'."""
    powers = {**read_powers(folder), power.suite: power}
    held = {name: powers[name].model_dump(mode="json") for name in sorted(powers)}
    (folder / _FILE).write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
