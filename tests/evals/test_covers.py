"""The suite of covers: what is drawn scores high; noise, repeats and strange colours low."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import JsonValue

from domain.errors import InvalidInput
from domain.evaluation import Case, Output
from evals.books import TrialBook
from evals.suite import Answered, Desk, load_suite
from evals.suites.covers import task
from evals.suites.covers.scorers import fresh, gates, good, palette
from prompts import SHIPPED
from tests.agents.house import EMBEDDER, SCOPE, House

SUITE = load_suite("covers")
SMOKE = SUITE.chosen("smoke")
SIDE = 60
PASSED = {"gate": "title", "verdict": "pass", "reason": "it reads well"}
FAILED = {"gate": "entropy", "verdict": "fail", "reason": "the tonal entropy is 0 bits"}


def _desk() -> Desk:
    book = TrialBook(SHIPPED, SUITE.prompts)
    return Desk(gateway=House().gateway, embedder=EMBEDDER, book=book, seed=1, scope=SCOPE)


def _picture(pixels: np.ndarray[Any, Any]) -> str:
    held = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(held, "PNG")
    return f"data:image/png;base64,{b64encode(held.getvalue()).decode()}"


def _answered(pixels: np.ndarray[Any, Any], *judged: dict[str, Any]) -> Answered:
    verdicts: dict[str, JsonValue] = {str(gate["gate"]): gate for gate in judged}
    output: Output = {"covers": [{"gates": verdicts, "picture": _picture(pixels)}]}
    return Answered(SMOKE[0], output, _desk())


def _flat(colour: str) -> np.ndarray[Any, Any]:
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.full((SIDE, SIDE, 3), rgb)


@pytest.mark.parametrize("case", SMOKE, ids=lambda case: case.id)
async def test_covers_as_they_are_drawn_are_good(case: Case) -> None:
    output = await task.run(case, _desk())
    answered = Answered(case, output, _desk())
    found = good(answered)
    assert found.value is not None
    assert found.value > 0.8, found.why
    assert await task.run(case, _desk()) == output


def test_noise_and_strange_colours_are_not_the_artists() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3))
    assert (palette(_answered(noise)).value or 0.0) < 0.5
    # The first case's artist is of dark violets and oranges.
    assert palette(_answered(_flat("#22cc55"))).value == 0
    assert palette(_answered(_flat(task.read(SMOKE[0]).art.palette[0]))).value == 1


def test_what_fails_its_gates_is_told() -> None:
    found = gates(_answered(_flat("#000000"), PASSED, FAILED))
    assert found.value == 0.5
    assert "entropy" in found.why
    assert gates(_answered(_flat("#000000"))).value is None


def test_a_cover_like_the_one_before_is_not_fresh() -> None:
    again = {"gate": "novel_shape", "verdict": "fail", "value": 3.0, "reason": "3 bits"}
    assert fresh(_answered(_flat("#000000"), again)).value == 0.03
    assert (good(_answered(_flat("#0b0620"), PASSED, again)).value or 0.0) < 0.05
    assert fresh(_answered(_flat("#000000"))).value is None


async def test_a_case_that_asks_for_no_cover_names_itself() -> None:
    with pytest.raises(InvalidInput, match="asks for no cover"):
        await task.run(Case(id="odd", input={"artist": "Ida"}), _desk())
