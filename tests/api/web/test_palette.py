from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from api.web.palette import contrast, css, theme_of
from domain.art import ArtDirection, DisplayTypeface, Style, TextTypeface

COLOUR = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


def allowed(palette: list[str]) -> bool:
    try:
        ArtDirection(
            style=Style.NEON_HORIZON,
            palette=tuple(palette),
            display_typeface=DisplayTypeface.SYNE,
            text_typeface=TextTypeface.INTER,
        )
    except ValidationError:
        return False
    return True


PALETTE = st.lists(COLOUR, min_size=3, max_size=7, unique=True).filter(allowed)


@settings(max_examples=60, deadline=None)
@given(PALETTE)
def test_everything_that_is_read_has_enough_contrast(palette: list[str]) -> None:
    theme = theme_of(palette)
    for ground in (theme.ground, theme.raised):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.muted, ground) >= 4.5
        assert contrast(theme.accent, ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5


def test_contrast_knows_the_ends_of_the_scale() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#777777") == 1


def test_the_theme_keeps_to_its_own_selector() -> None:
    rule = css(theme_of(["#0b1020", "#e4572e", "#f7f0e3"]), '[data-artist="x"]')
    assert rule.startswith('[data-artist="x"]{--ground:#')
    assert rule.count("{") == rule.count("}") == 1
