"""Simulated listeners: what they do follows from known tastes, and from nothing else."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import spearmanr

from domain.errors import InvalidInput
from evals.audience.features import NAMES
from evals.audience.world import Audience, Campaign, Responses, Shift, Taste, Work, WorldSpec
from scripts.rooms import ROOT, rooms
from tests.evals.audience.works import drawn_works, work

FAST = Taste(ideal={"tempo": 1.0}, weight={"tempo": 1.0})
SLOW = Taste(ideal={"tempo": -1.0}, weight={"tempo": 1.0})
QUICK, CALM = work("quick", tempo=1.0), work("calm", tempo=-1.0)


def world(**changes: Any) -> WorldSpec:
    """A world without luck, bots and rhythm unless asked for."""
    still = {"luck": 0.0, "bots": 0.0, "weekly": 0.0, "seasonal": 0.0, "wish_for_new": 0.0}
    return WorldSpec.model_validate(
        {"name": "test", "seed": 1, "tastes": (FAST,), "fatigue": 0.0, **still, **changes}
    )


def shown(spec: WorldSpec, works: list[Work], count: int = 4000, day: int = 0) -> Responses:
    return Audience(spec).expose(works, np.arange(count) % len(works), day)


def like_rate(responses: Responses, place: int = 0) -> float:
    return float(responses.counts(place)["like"] / np.sum(responses.work == place))


def test_the_same_seed_gives_the_same_answers_and_another_does_not() -> None:
    works = drawn_works(3)

    def life(seed: int) -> list[Any]:
        audience = Audience(world(seed=seed, tastes=(FAST, SLOW), bots=0.1, fatigue=0.3))
        days = [audience.visit(works, day, 200) for day in range(5)]
        return [(day.counts(), day.completion.tolist(), day.listener.tolist()) for day in days]

    assert life(4) == life(4)
    assert life(4) != life(5)


def test_people_do_more_with_what_they_like() -> None:
    answers = shown(world(), [QUICK, CALM])
    liked, other = answers.counts(0), answers.counts(1)
    for kind in ("play", "like", "comment", "repost", "follow"):
        assert liked[kind] > 1.2 * other[kind], kind
    assert liked["unlike"] == 0
    together = answers.counts()
    assert together == {kind: liked[kind] + other[kind] for kind in together}
    audience = Audience(world())
    assert audience.true_appeal(QUICK) > audience.true_appeal(CALM) + 0.2


def test_what_is_counted_orders_works_as_their_true_appeal_does() -> None:
    works, spec = drawn_works(12), world(luck=0.5)
    answers = shown(spec, works, 24_000)
    truth = [Audience(spec).true_appeal(w) for w in works]
    counted = [like_rate(answers, place) for place in range(len(works))]
    assert spearmanr(truth, counted).statistic > 0.9


def test_only_who_played_did_anything_else() -> None:
    answers = shown(world(), drawn_works(5))
    acted = np.any(list(answers.acts.values()), axis=0)
    assert not np.any(acted & ~answers.played)
    assert not answers.completion[~answers.played].any()
    assert 0.0 < answers.mean_completion() < 1.0


def test_hearing_it_again_is_liked_less() -> None:
    spec = world(listeners=50, fatigue=0.5)
    audience = Audience(spec)
    first = audience.expose([QUICK], np.zeros(300, np.intp), 0)
    for _ in range(3):
        last = audience.expose([QUICK], np.zeros(300, np.intp), 0)
    assert like_rate(last) < 0.5 * like_rate(first)
    fresh = audience.expose([work("another", tempo=1.0)], np.zeros(300, np.intp), 0)
    assert like_rate(fresh) > 2 * like_rate(last)
    assert audience.true_appeal(QUICK) == Audience(spec).true_appeal(QUICK)


def test_hearings_within_one_batch_tire_too() -> None:
    once = shown(world(listeners=4000, fatigue=1.0), [QUICK], 400)
    often = shown(world(listeners=4, fatigue=1.0), [QUICK], 400)
    assert like_rate(often) < 0.3 * like_rate(once)


def test_who_has_heard_much_of_one_kind_wishes_for_another() -> None:
    spec = world(listeners=50, wish_for_new=2.0, tastes=(Taste(),))
    used = work("used", tempo=2.5, notes=2.5, light=2.5)
    audience = Audience(spec)
    for _ in range(30):
        audience.expose([used], np.zeros(200, np.intp), 0)
    again = audience.expose([work("same", tempo=2.5, notes=2.5, light=2.5)], [0] * 1000, 0)
    other = audience.expose([work("other")], [0] * 1000, 0)
    assert like_rate(other) > like_rate(again) + 0.1


def test_weeks_and_seasons_change_how_many_come_and_not_what_they_like() -> None:
    spec = world(weekly=0.3, seasonal=0.2)
    audience = Audience(spec)
    week = [len(audience.visit([QUICK], day, 1000).work) for day in range(7)]
    assert max(week) > 1.4 * min(week)
    year = [audience.traffic(day) for day in range(0, 364, 7)]
    assert max(year) > 1.3 * min(year)
    assert audience.true_appeal(QUICK, 2) == audience.true_appeal(QUICK, 5)


def test_a_shift_turns_the_ranking_on_its_day_and_not_before() -> None:
    spec = world(shifts=(Shift(day=10, tastes=(SLOW,)),))
    audience = Audience(spec)

    def lead(day: int) -> float:
        return audience.true_appeal(QUICK, day) - audience.true_appeal(CALM, day)

    assert lead(0) == lead(9) > 0.2
    assert lead(10) == lead(99) < -0.2
    before, after = (shown(spec, [QUICK, CALM], day=day) for day in (9, 10))
    assert like_rate(before, 0) > like_rate(before, 1)
    assert like_rate(after, 0) < like_rate(after, 1)


def test_bots_raise_counts_and_not_true_appeal() -> None:
    clean, full = world(), world(bots=0.5)
    honest, inflated = (shown(spec, [CALM]) for spec in (clean, full))
    for kind in ("play", "like", "comment", "repost", "follow"):
        assert inflated.counts()[kind] > 1.2 * honest.counts()[kind], kind
    assert Audience(full).true_appeal(CALM) == Audience(clean).true_appeal(CALM)
    assert inflated.bots.mean() == pytest.approx(0.5, abs=0.05)
    assert not honest.bots.any()


def test_a_campaign_touches_its_side_on_its_days_alone() -> None:
    push = Campaign(first_day=5, last_day=7, share=0.8, component="tempo", side="below")
    shout = push.model_copy(update={"side": "above", "brigade": True})
    spec = world(campaigns=(push, shout))
    before, during, after = (shown(spec, [QUICK, CALM], day=day) for day in (4, 6, 8))
    for calm_day in (before, after):
        assert not calm_day.bots.any()
        assert like_rate(calm_day, 0) > like_rate(calm_day, 1)
    assert like_rate(during, 1) > 0.7 > 0.3 > like_rate(during, 0)
    assert during.counts(0)["unlike"] > 1000
    assert during.counts(1)["unlike"] == 0
    assert Audience(spec).true_appeal(QUICK, 6) == Audience(spec).true_appeal(QUICK, 4)


def test_luck_is_the_works_own_and_lasts() -> None:
    spec = world(luck=1.0)
    twins = [Work(f"twin-{number}", QUICK.features) for number in range(40)]
    appeals = [Audience(spec).true_appeal(twin) for twin in twins]
    assert np.std(appeals) > 0.1
    assert appeals == [Audience(spec).true_appeal(twin) for twin in twins]
    assert len({Audience(world()).true_appeal(twin) for twin in twins}) == 1


@pytest.mark.parametrize("places", [[], [1], [-1]])
def test_what_is_not_there_cannot_be_shown(places: list[int]) -> None:
    with pytest.raises(InvalidInput) as raised:
        Audience(world()).expose([QUICK], places, 0)
    assert raised.value.field == "shown"


@pytest.mark.parametrize(
    "wrong",
    [
        {"tastes": ()},
        {"tastes": ({"ideal": {"shoe size": 1.0}},)},
        {"tastes": ({"weight": {"tempo": -1.0}},)},
        {"bots": 1.0},
        {"weekly": 1.5},
    ],
)
def test_a_world_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        world(**wrong)


def test_tastes_are_about_what_is_measured() -> None:
    assert {"tempo", "harmony", "spectrum", "rhyme", "light"} <= set(NAMES)


def test_no_part_of_a_running_label_imports_the_simulator() -> None:
    outside = set(rooms()) - {"evals", "benchmarks", "tests"}
    assert {"app", "services", "api", "agents", "graphs"} <= outside
    files = [path for room in outside for path in (ROOT / room).rglob("*.py")]
    # Within `evals` only the simulator itself may know it: what runs in a label stands beside it.
    files += [p for p in (ROOT / "evals").rglob("*.py") if "audience" not in p.parts]
    importing = [path for path in files if any(map(_simulated, _imports(path.read_text())))]
    assert importing == []
    assert any(map(_simulated, _imports("def f():\n    from evals.audience import world\n")))
    assert any(map(_simulated, _imports("from evals import audience")))


def _simulated(name: str) -> bool:
    return name == "evals.audience" or name.startswith("evals.audience.")


def _imports(source: str) -> list[str]:
    if "audience" not in source:
        return []
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names
