"""A form that a person forces on every song, for quick trials."""

from __future__ import annotations

from domain.errors import InvalidInput
from domain.genre import FormSection

USUAL_ENERGY = 0.55
ENERGY_BY_NAME = {"intro": 0.3, "verse": 0.5, "chorus": 0.85, "bridge": 0.4, "outro": 0.25}


def forced_form(text: str | None) -> tuple[FormSection, ...] | None:
    """Read `verse:4,chorus:4` into sections; every section but intro and outro is sung.

    Raises `InvalidInput` naming the setting.
    """
    if not text:
        return None
    sections = []
    for part in text.split(","):
        name, _, bars = part.strip().partition(":")
        if not name or not bars.isdigit() or not 1 <= int(bars) <= 32:
            raise InvalidInput(
                f"{part!r} is not a section",
                field="GREENROOM_SONG_FORM",
                remedy="Write name:bars with 1 to 32 bars, such as verse:4,chorus:4.",
            )
        sung = name not in ("intro", "outro")
        energy = ENERGY_BY_NAME.get(name, USUAL_ENERGY)
        sections.append(FormSection(name=name, bars=int(bars), energy=energy, sung=sung))
    return tuple(sections)
