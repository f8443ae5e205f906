from __future__ import annotations

from pathlib import Path

import pytest

from evals.powers import WANTED_POWER, power_of, read_powers, scores_of, write_power
from evals.recording import KeptSample, Recording, read_recording, recorded_suites
from evals.suite import load_suite


def _changed(recording: Recording, *, epochs: int) -> Recording:
    samples: tuple[KeptSample, ...] = tuple(s for s in recording.samples if s.epoch <= epochs)
    return recording.model_copy(update={"samples": samples, "epochs": epochs})


@pytest.mark.parametrize("name", recorded_suites())
def test_a_recorded_suites_power_is_what_its_recording_shows(name: str) -> None:
    kept, recording = read_powers()[name], read_recording(name)
    assert (kept.model, kept.measured_on) == (recording.model, recording.recorded_on)
    assert kept.measured_cases == len(recording.case_ids)
    made = power_of(load_suite(name), recording)
    assert made is not None
    assert made.mean == pytest.approx(kept.mean)
    assert made.enough.epochs == kept.enough.epochs
    assert made.enough.power.estimate == pytest.approx(kept.enough.power.estimate, abs=0.02)


@pytest.mark.parametrize("name", recorded_suites())
def test_a_full_gate_finds_five_points_and_seldom_cries_wolf(name: str) -> None:
    kept = read_powers()[name]
    assert kept.enough.cases == len(load_suite(kept.suite).cases)
    assert kept.enough.power.estimate >= WANTED_POWER
    assert kept.enough.false_alarms.high <= 0.05
    # More is found by more: or the figure would not speak of size at all.
    assert kept.once.power.estimate < kept.enough.power.estimate
    once, enough = kept.detectable(24, 1), kept.detectable(24, kept.enough.epochs)
    assert once is not None
    assert enough is not None
    assert enough < once


def test_without_epochs_nothing_is_claimed(tmp_path: Path) -> None:
    recording = read_recording("posts")
    assert power_of(load_suite("posts"), _changed(recording, epochs=1)) is None
    assert read_powers(tmp_path) == {}
    write_power(read_powers()["posts"], tmp_path)
    assert list(read_powers(tmp_path)) == ["posts"]


def test_a_failed_sample_counts_as_nothing_and_an_unscored_one_not_at_all() -> None:
    recording = read_recording("posts")
    first = recording.samples[0]
    failed = first.model_copy(update={"output": None, "scores": {}})
    unscored = first.model_copy(update={"scores": {}})
    one = recording.model_copy(update={"samples": (failed,)})
    other = recording.model_copy(update={"samples": (unscored,)})
    assert scores_of(one)[0].scores == (0.0,)
    assert scores_of(other)[0].scores == (None,)
