from __future__ import annotations

import pytest

from services.genres import best_pack


@pytest.mark.parametrize(
    ("brief", "pack"),
    [
        ("A night-shift ferry pilot who writes slow synthwave about neon harbours.", "synthwave"),
        ("a lot of loud neon machines on the highway at night", "synthwave"),
        ("An indie folk duo that sings about orchards and fog.", "indie-folk"),
        ("a fisherman with an acoustic guitar by the river", "indie-folk"),
        ("A barista who makes lo-fi beats from rain.", "lofi"),
        ("Lo fi for people who study at night.", "lofi"),
    ],
)
def test_a_brief_gets_the_genre_it_sounds_like(brief: str, pack: str) -> None:
    assert best_pack(brief).id == pack
