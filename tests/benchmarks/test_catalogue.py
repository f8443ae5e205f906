"""The catalogue's tables and its memory of songs made before; no song is rendered here."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.catalogue import MADE, Borders, Made, Studio, make, tables


def _song(pack: str = "trap", seed: int = 1, **changes: object) -> Made:
    borders = Borders(found=8, written=6, hits=6, chance_f1=0.3)
    usual: dict[str, object] = {
        "pack": pack, "seed": seed, "singer": "finch", "seconds": 100.0, "passed": 30,
        "failed": {}, "repairs": (), "lufs": -14.0, "range_lu": 8.0,
        "true_peak_dbtp": -1.2, "centroid_hz": 1900.0, "tempo_error": 0.001, "in_tune": 0.97,
        "borders": borders, "compose_s": 0.1, "render_s": 40.0, "gates_s": 3.0,
    }  # fmt: skip
    return Made.model_validate(usual | changes)


def test_tables_count_what_passes_and_add_up_borders() -> None:
    songs = [
        _song(),
        _song(seed=2, failed={"stereo": "too narrow"}, repairs=("mix", "score"), render_s=120.0),
        _song("house", singer=None, in_tune=None),
    ]
    text = tables(songs)
    assert "| trap | 1 of 2 | 1 |" in text
    assert "| house | 1 of 1 | 1 |" in text
    assert "| all | 18 | 24 | 18 | 0.75 | 1.00 | 0.86 | 0.30 |" in text
    assert "| trap 2 | finch | 30 | stereo | mix, score |" in text
    # A take of the song that needed three costs what each of them did.
    assert "| 40 |" in text.split("### Section")[0]


def test_a_song_made_before_is_not_made_again(tmp_path: Path) -> None:
    studio = Studio(tmp_path, soundfont=Path("missing"), voice=Path("missing"))
    folder = studio.folder("trap", 2)
    folder.mkdir(parents=True)
    song = _song(seed=2)
    (folder / MADE).write_text(song.model_dump_json())
    assert make(studio, "trap", 2) == song
    assert studio.earlier("trap", 3) == [folder]
    assert studio.earlier("trap", 2) == []
    played = Studio(tmp_path, soundfont=Path("missing"), voice=None)
    assert played.folder("trap", 2) != folder


@pytest.mark.parametrize(("hits", "f1"), [(6, 12 / 14), (0, 0.0)])
def test_borders_know_their_f1(hits: int, f1: float) -> None:
    assert Borders(found=8, written=6, hits=hits, chance_f1=0.3).f1 == pytest.approx(f1)
