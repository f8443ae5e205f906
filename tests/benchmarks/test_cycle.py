from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import cycle
from benchmarks.lives import Life, Order, RunCost, StepCost, Stopwatch, settings_of
from benchmarks.watch import Peaks, Sample, Watch
from domain.event import Event
from packs import pack_ids
from runtime.clock import SystemClock

ORDER = Order(genre="lofi", seed=1, cover_px=3000, form=None, model=False)


def cost(step: str, cpu_s: float, *spans: tuple[float, float], tokens: int = 0) -> StepCost:
    return StepCost(
        step=step,
        tries=len(spans),
        spans=spans,
        wall_s=sum(ended - began for began, ended in spans),
        cpu_s=cpu_s,
        tokens=tokens,
        calls_s=4.5 if tokens else 0.0,
    )


def life() -> Life:
    debut = RunCost(kind="debut", began=0, ended=5, cpu_s=3, steps=(cost("imagine", 2, (1, 4)),))
    steps = (cost("write", 6, (11, 12), (15, 18), tokens=900), cost("render", 60, (12, 15)))
    run = RunCost(kind="cycle", began=10, ended=20, cpu_s=72, steps=steps)
    return Life(debut=debut, cycle=run, song_s=98.2, passed=True)


def samples() -> Watch:
    watch = Watch(pid=1)
    watch.samples = [
        Sample(2, 400, 0, 10.0),
        Sample(11.5, 500, 0, 20.0),
        Sample(11.9, 500, 0, 24.0),
        Sample(13, 450, 600, 24.0),
        Sample(16, 520, 0, 25.0),
        Sample(17, 510, 0, 27.0),
    ]
    return watch


def test_a_step_counts_every_try_and_the_run_what_lay_between() -> None:
    made = cycle.table(ORDER, life(), samples().between)
    rows = {row.name: row.values for row in made.rows}
    assert rows["cycle: write x2"] == (4, 6, 520, None, 520)
    assert rows["cycle: render"] == (3, 60, 450, 600, 1050)
    assert rows["cycle: between the steps"][:2] == (3, 6)
    assert rows["cycle, whole"] == (10, 72, 520, 600, 1050)
    assert "98 s" in made.title


def test_the_budget_is_the_baseline() -> None:
    made = cycle.table(ORDER, life(), samples().between)
    whole = next(row for row in made.rows if row.name == "cycle, whole")
    assert made.baseline == cycle.BUDGET
    assert made.ratio(whole, 1) == pytest.approx(72 / 240)
    assert made.ratio(whole, 4) == pytest.approx(1050 / 2048)


def test_the_real_model_adds_its_tokens_and_time() -> None:
    made = cycle.table(ORDER.model_copy(update={"model": True}), life(), samples().between)
    rows = {row.name: row.values for row in made.rows}
    assert rows["cycle: write x2"][5:] == (900, 4.5, 6.0)
    assert rows["cycle: render"][5:] == (None, None, None)


def test_nothing_sampled_is_not_nothing_used() -> None:
    assert samples().between(30, 31) == Peaks()


def test_a_step_is_timed_from_the_event_log() -> None:
    watch = Stopwatch()
    watch.saw([event("step.started"), event("run.progress"), event("step.finished")])
    watch.saw([event("step.started")])
    ((began, ended),) = watch.spans["run_1", "write"]
    assert began <= ended


def event(kind: str) -> Event:
    return Event.model_validate(
        {
            "kind": kind,
            "at": SystemClock().now(),
            "actor": "system:system",
            "run_id": "run_1",
            "data": {"step": "write"},
        }
    )


@pytest.mark.parametrize(
    ("arguments", "genres"),
    [([], pack_ids()[:1]), (["--genre", "lofi"], ("lofi",)), (["--all-genres"], pack_ids())],
)
def test_genres_are_chosen(arguments: Sequence[str], genres: Sequence[str]) -> None:
    orders, as_json = cycle.read(arguments)
    assert [o.genre for o in orders] == list(genres)
    assert {(o.cover_px, o.form, o.model) for o in orders} == {(3000, None, False)}
    assert not as_json


def test_an_unknown_genre_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cycle.read(["--genre", "polka-metal"])
    assert "polka-metal" in capsys.readouterr().err


def test_the_model_is_scripted_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GREENROOM_MODEL_SCRIPT", raising=False)
    scripted = settings_of(ORDER, tmp_path)
    assert scripted.forbid_real_models
    assert scripted.model_script is not None
    assert scripted.model_script.is_file()
    real = settings_of(ORDER.model_copy(update={"model": True}), tmp_path)
    assert real.model_script is None
