"""An art direction is refused when it argues with itself."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.art import COMPOSITIONS, ArtDirection, Composition, Motif, Style, relative_luminance

GOOD = {
    "style": "paper_landscape",
    "palette": ["#20302B", "#c9a15a", "#f3e6cf"],
    "motifs": ["birds", "moon"],
    "display_typeface": "fraunces",
    "text_typeface": "inter",
}


def test_a_good_direction_is_normalised() -> None:
    art = ArtDirection.model_validate(GOOD)
    assert art.palette[0] == "#20302b"
    assert art.composition is Composition.VARIED
    assert art.motifs == (Motif.BIRDS, Motif.MOON)
    assert ArtDirection.model_validate_json(art.model_dump_json()) == art


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"palette": ["#20302b", "#f3e6cf"]}, "palette"),
        ({"palette": ["#20302b", "#20302b", "#f3e6cf"]}, "palette"),
        ({"palette": ["red", "#20302b", "#f3e6cf"]}, "palette"),
        ({"palette": ["#777777", "#808080", "#909090"]}, "palette"),
        ({"composition": "eclipse"}, "composition"),
        ({"composition": "spiral"}, "composition"),
        ({"motifs": ["birds", "birds"]}, "motifs"),
        ({"display_typeface": "comic"}, "display_typeface"),
        ({"sparkle": True}, "sparkle"),
    ],
)
def test_contradictions_name_the_field(change: dict[str, object], names: str) -> None:
    with pytest.raises(ValidationError, match=names):
        ArtDirection.model_validate({**GOOD, **change})


def test_every_composition_belongs_to_one_style() -> None:
    listed = [c for compositions in COMPOSITIONS.values() for c in compositions]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(Composition) - {Composition.VARIED}
    assert set(COMPOSITIONS) == set(Style)


def test_relative_luminance_of_extremes() -> None:
    assert relative_luminance("#000000") == 0
    assert relative_luminance("#ffffff") == pytest.approx(1)
