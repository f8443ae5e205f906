import itertools
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from packs import load_pack, pack_ids
from packs.singers import choose_singer, load_singer, load_singers, read_singers


def test_six_singers_at_least_and_no_two_alike() -> None:
    singers = load_singers()
    assert len(singers) >= 6
    assert len({singer.id for singer in singers}) == len(singers)
    for a, b in itertools.combinations(singers, 2):
        assert (
            abs(a.formant - b.formant) >= 0.02
            or abs(a.breath - b.breath) >= 0.08
            or abs(a.low - b.low) >= 4
        ), (a.id, b.id)


def test_low_and_high_voices_are_there() -> None:
    singers = load_singers()
    assert min(singer.low for singer in singers) <= 46
    assert max(singer.high for singer in singers) >= 74


def test_singer_by_name() -> None:
    first = load_singers()[0]
    assert load_singer(first.id) == first


def test_unknown_singer_names_the_choices() -> None:
    with pytest.raises(InvalidInput) as caught:
        load_singer("caruso")
    assert caught.value.field == "singer"
    assert all(singer.id in (caught.value.remedy or "") for singer in load_singers())


@pytest.mark.parametrize("pack_id", pack_ids())
def test_the_choice_stays_and_varies(pack_id: str) -> None:
    pack = load_pack(pack_id)
    chosen = [choose_singer(seed, pack) for seed in range(40)]
    assert chosen == [choose_singer(seed, pack) for seed in range(40)]
    assert len({singer.id for singer in chosen}) >= 3


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("singers: [{id: a}]", "0.name"),
        ("singers: []", "id"),
        ("nothing: here", "singer"),
        ("[", "singer"),
    ],
)
def test_broken_file_names_its_field(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "singers.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_singers(path)
    assert caught.value.field == field
