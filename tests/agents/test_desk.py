from __future__ import annotations

import pytest
from pydantic import JsonValue

from agents.choosing import draw, draw_by_score, settled
from agents.desk import Desk, Judged, Rounds, without_prefill
from agents.profiler.drafts import CharacterWords
from agents.report import Notebook
from domain.errors import UnusableAnswer
from domain.ports.model import ChatMessage, Completion, ModelTraits, Sampling
from tests.agents.house import SCOPE, House

CHARACTER: JsonValue = {"values": ["a b", "c d"], "quirks": ["e f", "g h"], "taboos": ["ij"]}
INPUTS: dict[str, object] = {"theme": "rain", "story": "It rains.", "spark": "rope"}


def at(house: House, attempt: int = 1) -> Desk:
    scope = SCOPE.model_copy(update={"attempt": attempt})
    return Desk(house.gateway, scope, 7, Notebook("test", {}))


def longer_is_better(text: str, _: Completion) -> Judged:
    return Judged(text, float(len(text)), refused="short" if len(text) < 5 else None)


async def test_the_best_candidate_wins_and_all_are_recorded() -> None:
    house = House({"song.title": ["no", "Rope and Rain", "Rope at Noon, Late", "Ropes"]})
    desk = at(house)
    text = await desk.best("song.title", INPUTS, Sampling(), longer_is_better, Rounds(8))
    report = desk.notes.close()
    (considered,) = report.considered
    assert len(considered.candidates) == len(report.calls) == 8
    assert text == max((c.text for c in considered.candidates if not c.refused), key=len)
    assert sum(c.chosen for c in considered.candidates) == 1
    assert report.prompts == ("song.title@1",)
    assert report.tokens > 0


async def test_rounds_go_on_until_something_is_usable_then_stop() -> None:
    house = House({"song.title": ["no"]})
    with pytest.raises(UnusableAnswer) as caught:
        await at(house).best("song.title", INPUTS, Sampling(), longer_is_better, Rounds(2, 3))
    assert len(house.endpoint.calls) == 6
    assert len({c.sampling.seed for c in house.endpoint.calls}) == 6
    assert caught.value.remedy
    patient = House({"song.title": ["Rope and Rain"]})
    await at(patient).best("song.title", INPUTS, Sampling(), longer_is_better, Rounds(2, 3))
    assert len(patient.endpoint.calls) == 2


async def test_refused_answers_are_not_drawn_again_at_the_next_try() -> None:
    titles: list[JsonValue] = ["no", *(f"{word} and Rain" for word in ("Rope", "Salt", "Coal"))]
    house = House({"song.title": titles})
    drawn = []
    for attempt in (1, 1, 2):
        desk = at(house, attempt)
        house.endpoint.calls.clear()
        await desk.best("song.title", INPUTS, Sampling(), longer_is_better, Rounds(12))
        drawn.append([c.text for c in desk.notes.close().considered[0].candidates])
        paid = [c.sampling.seed for c in house.endpoint.calls]
        assert bool(paid) == (len(drawn) != 2), "the same try is answered from the cache"
    assert drawn[0] == drawn[1] != drawn[2]


async def test_forms_and_sparks_change_with_the_try_too() -> None:
    house = House({"profile.character": [CHARACTER]})
    for attempt in (1, 2):
        await at(house, attempt).fill(
            "profile.character",
            {"brief": "A singer.", "name": "Mara"},
            CharacterWords,
            Sampling(),
            form="short",
        )
    assert len({c.sampling.seed for c in house.endpoint.calls}) == 2
    assert at(house, 1).rng("x").random() == at(house, 1).rng("x").random()
    assert at(house, 1).rng("x").random() != at(house, 2).rng("x").random()


async def test_a_step_that_is_not_satisfied_keeps_its_best() -> None:
    house = House({"song.title": ["Rope and Rain"]})
    rounds = Rounds(1, 3, enough=lambda judged: judged.score > 1000)
    text = await at(house).best("song.title", INPUTS, Sampling(), longer_is_better, rounds)
    assert text == "Rope and Rain"
    assert len(house.endpoint.calls) == 3


def test_an_endpoint_that_cannot_continue_is_told_how_to_begin() -> None:
    messages = (
        ChatMessage(role="system", content="s"),
        ChatMessage(role="user", content="q"),
        ChatMessage(role="assistant", content="So"),
    )
    can = ModelTraits(model="m", small=True, context_tokens=1, logprobs=True, prefill=True)
    cannot = can.model_copy(update={"prefill": False})
    assert without_prefill(messages, can) == messages
    told = without_prefill(messages, cannot)
    assert [m.role for m in told] == ["system", "user"]
    assert "So" in told[-1].content
    assert without_prefill(messages[:2], cannot) == messages[:2]


def test_choices_are_seeded_and_consistent() -> None:
    first = draw("x", {"a": 1.0, "b": 3.0}, 4)
    assert first == draw("x", {"a": 1.0, "b": 3.0}, 4)
    assert first.probabilities == (0.25, 0.75)
    taken = [draw("x", {"a": 1.0, "b": 3.0}, seed).chosen for seed in range(200)]
    assert 120 < taken.count("b") < 180
    cold = draw_by_score("x", {"a": 1.0, "b": 0.0}, 4, temperature=0.01)
    assert cold.chosen == "a"
    assert settled("x", ["a", "b"], "b", 1, "why").probabilities == (0.0, 1.0)
