from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from domain.errors import DiskFull, InvalidInput, PartMissing
from runtime.embedded.catalogue import CATALOGUE, EmbeddedModel, HubSource, PackageSource, find
from runtime.embedded.store import ensure_model, find_model, is_ready, model_path

PARTS = (b"one" * 1000, b"two" * 1000, b"three" * 500)


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    folder = tmp_path / "parts"
    for number, content in enumerate(PARTS):
        (folder / f"part{number}").mkdir(parents=True)
        (folder / f"part{number}" / "data.bin").write_bytes(content)
    return folder


@pytest.fixture
def model() -> EmbeddedModel:
    whole = b"".join(PARTS)
    return CATALOGUE[0].model_copy(
        update={
            "name": "tiny",
            "source": PackageSource(
                lock="none.txt", parts=tuple(f"part{n}/data.bin" for n in range(len(PARTS)))
            ),
            "size_bytes": len(whole),
            "sha256": hashlib.sha256(whole).hexdigest(),
        }
    )


def left_behind(cache: Path) -> set[str]:
    return {file.suffix for file in (cache / "models").iterdir()} - {".lock"}


def test_parts_are_joined_in_order(model: EmbeddedModel, parts: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    path = ensure_model(model, tmp_path, lambda what, done, total: seen.append(done), parts)
    assert path.read_bytes() == b"".join(PARTS)
    assert seen == [3000, 6000, 8500]
    assert left_behind(tmp_path) == {".gguf"}
    shutil.rmtree(parts)
    assert ensure_model(model, tmp_path, parts_dir=parts) == path, "it is not made twice"


def test_a_changed_part_is_not_accepted(model: EmbeddedModel, parts: Path, tmp_path: Path) -> None:
    (parts / "part1" / "data.bin").write_bytes(b"TWO" * 1000)
    with pytest.raises(PartMissing, match="SHA-256") as caught:
        ensure_model(model, tmp_path, parts_dir=parts)
    assert caught.value.remedy
    assert left_behind(tmp_path) == set()
    assert not is_ready(model, tmp_path)


def test_a_missing_part_leaves_nothing(model: EmbeddedModel, parts: Path, tmp_path: Path) -> None:
    (parts / "part2" / "data.bin").unlink()
    with pytest.raises(PartMissing, match="part2"):
        ensure_model(model, tmp_path, parts_dir=parts)
    assert left_behind(tmp_path) == set()


def test_a_file_of_the_wrong_size_is_made_anew(
    model: EmbeddedModel, parts: Path, tmp_path: Path
) -> None:
    path = ensure_model(model, tmp_path, parts_dir=parts)
    path.write_bytes(b"cut")
    assert ensure_model(model, tmp_path, parts_dir=parts).stat().st_size == model.size_bytes


def test_processes_that_want_it_at_once_get_one_file(
    model: EmbeddedModel, parts: Path, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(4) as pool:
        wanted = [pool.submit(ensure_model, model, tmp_path, parts_dir=parts) for _ in range(4)]
        assert len({w.result() for w in wanted}) == 1
    assert left_behind(tmp_path) == {".gguf"}


def test_too_little_space_is_noticed_before_anything_is_written(
    model: EmbeddedModel, parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        total: int = 10**9
        used: int = 10**9
        free: int = 5000

    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage())
    with pytest.raises(DiskFull) as caught:
        ensure_model(model, tmp_path, parts_dir=parts)
    assert caught.value.field == "cache_dir"
    assert left_behind(tmp_path) == set()


def test_packages_that_cannot_be_installed_are_reported(
    model: EmbeddedModel, tmp_path: Path
) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"nothing @ file://{tmp_path}/absent-1.0-py3-none-any.whl --hash=sha256:00\n")
    source = PackageSource(lock=str(lock), parts=("x",))
    with pytest.raises(PartMissing, match="cannot be installed"):
        ensure_model(model.model_copy(update={"source": source}), tmp_path)
    assert not list((tmp_path / "models").glob(".parts-*"))


def test_what_is_missing_says_how_to_get_it(model: EmbeddedModel, tmp_path: Path) -> None:
    with pytest.raises(PartMissing) as caught:
        find_model(model, tmp_path)
    assert caught.value.remedy == "Run `greenroom model pull tiny`."
    hub = next(m for m in CATALOGUE if isinstance(m.source, HubSource))
    with pytest.raises(PartMissing) as caught:
        ensure_model(hub, tmp_path)
    assert "https://huggingface.co/" in (caught.value.remedy or "")
    assert str(model_path(hub, tmp_path)) in (caught.value.remedy or "")


def test_a_file_of_ones_own_is_used_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"x" * 10)
    assert find_model(find(str(path)), tmp_path / "cache") == path


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="nonesuch") as caught:
        find("nonesuch")
    assert "smollm2-135m" in (caught.value.remedy or "")


def test_every_model_that_ships_is_pinned_by_hash() -> None:
    shipped = [m for m in CATALOGUE if isinstance(m.source, PackageSource)]
    assert {m.name for m in shipped} == {"qwen2.5-coder-1.5b", "smollm2-135m"}
    assert all(m.sha256 and m.tested for m in shipped)
    assert not any(m.tested for m in CATALOGUE if isinstance(m.source, HubSource))
