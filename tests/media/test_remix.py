import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.genre import GenrePack
from media.gates.ranges import DEFAULTS
from media.remix import REMEDIES, TASTES, aim, remix
from packs import load_pack

PACK = load_pack("synthwave")


def test_first_take_is_the_pack() -> None:
    assert remix(PACK) is PACK
    assert remix(PACK, repair=("centroid",)) is PACK


def test_takes_without_failures_go_round_and_differ() -> None:
    takes = [remix(PACK, take=n) for n in range(1, len(TASTES) + 1)]
    dumps = {take.model_dump_json() for take in [PACK, *takes]}
    assert len(dumps) == len(TASTES) + 1
    assert remix(PACK, take=len(TASTES) + 1) == takes[0]


def test_unclear_words_bring_the_voice_forward_take_by_take() -> None:
    first, second = (remix(PACK, take=n, repair=("words",)) for n in (1, 2))
    levels = [p.roles["vocal"].level_lufs for p in (PACK, first, second)]
    assert levels == sorted(levels)
    assert levels[0] < levels[1] < levels[2]
    assert PACK.vocal.duck_db < first.vocal.duck_db < second.vocal.duck_db
    assert first.roles["vocal"].reverb_send < PACK.roles["vocal"].reverb_send
    assert first.roles["pad"] == PACK.roles["pad"]


@pytest.mark.parametrize("gate", ["centroid", "stereo", "loudness_range"])
def test_gate_is_aimed_at_its_middle(gate: str) -> None:
    asked = PACK.gates.ranges.get(gate, DEFAULTS[gate])
    narrowed = remix(PACK, take=1, repair=(gate,)).gates.ranges[gate]
    assert None not in (asked.low, asked.high, narrowed.low, narrowed.high)
    assert asked.low < narrowed.low < narrowed.high < asked.high  # type: ignore[operator]


def test_open_range_is_moved_inside() -> None:
    narrowed = aim(PACK, "originality").gates.ranges["originality"]
    assert narrowed.low is None
    assert narrowed.high == pytest.approx(0.75 * 0.75)


def test_beat_and_harmony_pull_the_drums_apart() -> None:
    drums = PACK.roles["drums"].level_lufs
    assert remix(PACK, take=1, repair=("tempo",)).roles["drums"].level_lufs > drums
    assert remix(PACK, take=1, repair=("key",)).roles["drums"].level_lufs < drums


def test_gates_no_mix_can_mend_fall_back_to_taste() -> None:
    assert remix(PACK, take=1, repair=("scale",)) == remix(PACK, take=1)


def test_negative_take_is_refused() -> None:
    with pytest.raises(InvalidInput, match="counted from 0"):
        remix(PACK, take=-1)


@given(st.integers(0, 12), st.lists(st.sampled_from([*REMEDIES, "scale", "tail"]), max_size=5))
def test_every_take_is_a_valid_pack_and_repeatable(take: int, repair: list[str]) -> None:
    mixed = remix(PACK, take=take, repair=repair)
    assert GenrePack.model_validate(mixed.model_dump()) == mixed
    assert remix(PACK, take=take, repair=repair) == mixed
