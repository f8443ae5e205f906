from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import BudgetExceeded, InvalidInput, RealModelForbidden
from runtime.clock import ManualClock
from runtime.gateway.build import build_gateway
from runtime.gateway.gateway import Gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.settings import Settings
from tests.runtime.gateway.support import ask


def build(settings: Settings) -> Gateway:
    clock = ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
    return build_gateway(settings, MemoryLedger(), clock)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"test.colour": ["blue"]}))
    return path


async def test_a_script_replaces_every_model(script: Path) -> None:
    gateway = build(
        Settings(model_script=script, model_url="http://x/v1", model_name="m", model_judge="j")
    )
    for tier in ("fast", "smart", "judge"):
        request = ask().model_copy(update={"tier": tier})
        assert (await gateway.complete(request)).text == "blue"
    await gateway.aclose()


async def test_a_script_is_allowed_where_real_models_are_forbidden(script: Path) -> None:
    gateway = build(Settings(model_script=script, forbid_real_models=True))
    assert (await gateway.complete(ask())).text == "blue"


async def test_tiers_may_have_models_of_their_own(tmp_path: Path) -> None:
    facts = {"model_url": "http://127.0.0.1:9/v1", "model_name": "main", "model_judge": "judge"}
    gateway = build(Settings.model_validate({**facts, "cache_dir": tmp_path}))
    models = [(await gateway.traits(tier)).model for tier in ("fast", "smart", "judge")]
    assert models == ["main", "main", "judge"]
    await gateway.aclose()


async def test_without_an_endpoint_the_embedded_model_is_asked(tmp_path: Path) -> None:
    settings = Settings(model_url=None, cache_dir=tmp_path, forbid_real_models=True)
    gateway = build(settings)
    traits = await gateway.traits("smart")
    assert (traits.model, traits.small, traits.logprobs, traits.prefill) == (
        "qwen2.5-coder-1.5b",
        True,
        True,
        True,
    )
    with pytest.raises(RealModelForbidden):
        await gateway.complete(ask())
    await gateway.aclose()


async def test_budgets_come_from_the_settings(script: Path) -> None:
    gateway = build(Settings(model_script=script, budget_run_tokens=100))
    with pytest.raises(BudgetExceeded) as caught:
        await gateway.complete(ask(max_tokens=200))
    assert caught.value.field == "budget_run_tokens"


def test_a_missing_script_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        build(Settings(model_script=tmp_path / "absent.json"))
    assert caught.value.field == "model_script"
