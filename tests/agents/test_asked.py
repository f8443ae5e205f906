"""Which lines a person's words are about."""

from __future__ import annotations

import pytest

from agents.songwriter.asked import places_meant

STANZAS = {
    "verse 1": ("The radar draws a ring of green", "And the harbour falls asleep"),
    "chorus": ("Hold the line, hold the light",),
    "verse 2": ("Salt on the window, hands on the wheel", "Counting the cars"),
}
VERSE_1 = {("verse 1", 0), ("verse 1", 1)}
CHORUS = {("chorus", 0)}
VERSE_2 = {("verse 2", 0), ("verse 2", 1)}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Less rain, more of the harbour.", VERSE_1 | CHORUS | VERSE_2),
        ("The chorus says nothing.", CHORUS),
        ("The second verse drifts off.", VERSE_2),
        ("Verse 1 is a list.", VERSE_1),
        ("The verses are too long", VERSE_1 | VERSE_2),
        ("The last verse and the chorus are flat.", VERSE_2 | CHORUS),
        ("I love the chorus, but write the rest anew.", VERSE_1 | VERSE_2),
        ("Keep the chorus. The first verse is vague.", VERSE_1),
        ("The chorus is not good.", CHORUS),
        ("“Counting the cars” is dull.", {("verse 2", 1)}),
        ("Keep the verses and keep the chorus.", VERSE_1 | CHORUS | VERSE_2),
        ("The third verse is weak.", VERSE_1 | VERSE_2),
    ],
)
def test_the_lines_meant(said: str, meant: set[tuple[str, int]]) -> None:
    assert places_meant(STANZAS, said) == meant
