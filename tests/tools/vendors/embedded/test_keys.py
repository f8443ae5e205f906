"""Equal requests have one key; anything that changes what comes out gives another."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.renders import RenderService
from tests.services.build import artist
from tests.support.label import TestLabel
from tests.tools.vendors.embedded.build import MAKER, Heard, cover, engine, song
from tools.vendors.embedded import keys
from tools.vendors.embedded.job import Bench
from tools.vendors.embedded.keys import render_key


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    font = tmp_path / "font.sf3"
    font.write_bytes(b"font")
    return Bench(soundfont=font, soundfont_cache=tmp_path, voice_cache=tmp_path)


def test_equal_requests_have_one_key_wherever_the_caches_are(bench: Bench) -> None:
    other = bench.model_copy(update={"soundfont_cache": Path("/elsewhere")})
    assert render_key(MAKER, bench, song()) == render_key(MAKER, other, song())


def test_whatever_decides_what_comes_out_changes_the_key(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {render_key(MAKER, bench, song())}
    found.add(render_key(MAKER, bench, song(seed=2)))
    found.add(render_key(MAKER, bench, song().model_copy(update={"mix": 1})))
    found.add(render_key(MAKER.model_copy(update={"version": "2"}), bench, song()))
    font = tmp_path / "other.sf3"
    font.write_bytes(b"other")
    found.add(render_key(MAKER, bench.model_copy(update={"soundfont": font}), song()))
    monkeypatch.setattr(keys, "code_digest", lambda: "other code")
    found.add(render_key(MAKER, bench, song()))
    assert len(found) == 6


def test_files_count_by_content_and_not_by_place(bench: Bench, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.json", "b.json", "c.json")]
    for path, content in zip(paths, (b"one", b"one", b"two"), strict=True):
        path.write_bytes(content)
    made = [render_key(MAKER, bench, cover(earlier=(path,))) for path in paths]
    assert made[0] == made[1] != made[2]
    paths[0].write_bytes(b"changed")
    assert render_key(MAKER, bench, cover(earlier=(paths[0],))) != made[0]


async def test_an_engine_does_not_make_again_what_is_kept(label: TestLabel, tmp_path: Path) -> None:
    await artist(label)
    renders = RenderService(label.database, label.clock, label.media)
    pictures = engine(kept=renders)
    first = await pictures.submit(cover(), "cover-1", tmp_path)
    made = await pictures.fetch(first, Heard())
    # Until a work keeps its files, it would be made again.
    for file in made.files:
        await label.media.put_file(file.path)
    heard = Heard()
    second = await engine(kept=renders).submit(cover(), "cover-2", tmp_path)
    again = await engine(kept=renders).fetch(second, heard)
    assert heard.said == []
    assert again.facts["cpu_s"] == 0.0
    assert [f.role for f in again.files] == [f.role for f in made.files]
    for one, other in zip(made.files, again.files, strict=True):
        assert one.path != other.path
        assert one.path.read_bytes() == other.path.read_bytes()
    assert renders.counts() == {"hit": 1, "miss": 1}
    # A finished job is only read back.
    assert await engine(kept=renders).fetch(second, heard) == again
    assert renders.counts() == {"hit": 1, "miss": 1}
