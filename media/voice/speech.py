"""Speaking a line through the network with the durations the score wants."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from domain.errors import PartMissing
from media.sound import Curve
from media.voice.model import HOP_SAMPLES, NOISE_CHANNELS, RATE_KEY, SYMBOLS_KEY
from media.voice.phonemes import Phone

NOISE_SCALE = 0.4
_PAD, _START, _END, _SPACE = "_", "^", "$", " "
_STOP = "."
_STRESS = {1: "ˌ", 2: "ˈ"}
LEAD_FRAMES = 10
TAIL_FRAMES = 8

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Spoken:
    """A spoken line: samples, and the borders of its phones in seconds, one more than phones."""

    samples: Curve
    sample_rate_hz: int
    edges_s: Curve


@dataclass(frozen=True)
class _Script:
    """The numbers the network reads; `owner` is the phone of each, -1 before and -2 after."""

    numbers: Numbers
    owner: Numbers
    spaces: npt.NDArray[np.bool_]


class Speaker:
    """The edited network, open. Give it up when the song is sung: it holds 150 MB."""

    def __init__(self, path: Path) -> None:
        # onnxruntime takes half a second to load, which only singing should pay.
        import onnxruntime  # noqa: PLC0415
        from onnxruntime.capi.onnxruntime_pybind11_state import (  # noqa: PLC0415
            Fail,
            InvalidArgument,
            InvalidProtobuf,
            NoSuchFile,
        )

        options = onnxruntime.SessionOptions()
        # One thread: the order of additions, and so the last bit of a sample, stays the same.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._briefly = onnxruntime.RunOptions()
        self._briefly.only_execute_path_to_fetches = True
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            notes = self._session.get_modelmeta().custom_metadata_map
            self._symbols = {str(k): int(v) for k, v in json.loads(notes[SYMBOLS_KEY]).items()}
            self.sample_rate_hz = int(notes[RATE_KEY])
        except (Fail, InvalidArgument, InvalidProtobuf, NoSuchFile, KeyError, ValueError) as error:
            raise PartMissing(
                f"the prepared voice {path.name} is not there or damaged",
                field="voice",
                remedy="remove it from the cache, so that it is prepared again",
            ) from error

    @property
    def frames_per_s(self) -> float:
        """Frames of the network in a second."""
        return self.sample_rate_hz / HOP_SAMPLES

    def speak(self, phones: Sequence[Phone], vowel_s: float) -> Spoken:
        """Speak a line as it comes naturally, but no vowel shorter than `vowel_s`."""
        script = self._script(phones)
        frames = self._frames(script, phones, vowel_s * self.frames_per_s)
        edges = np.concatenate([[0.0], np.cumsum(frames)]) / self.frames_per_s
        own = [np.flatnonzero((script.owner == at) & ~script.spaces) for at in range(len(phones))]
        borders = [edges[places[0]] for places in own] + [edges[own[-1][-1] + 1]]
        return Spoken(
            samples=self._run("output", script, frames).ravel().astype(np.float64),
            sample_rate_hz=self.sample_rate_hz,
            edges_s=np.array(borders),
        )

    def _script(self, phones: Sequence[Phone]) -> _Script:
        tokens: list[tuple[str, int]] = [(_START, -1)]
        for at, phone in enumerate(phones):
            if phone.opens_word and at:
                tokens.append((_SPACE, at))
            if phone.stress:
                tokens.append((_STRESS[phone.stress], at))
            tokens += [(letter, at) for letter in phone.symbol]
        tokens += [(_STOP, -2), (_END, -2)]
        numbers = [self._symbols[t] for token, _ in tokens for t in (token, _PAD)]
        owner = [at for _, at in tokens for _ in range(2)]
        spaces = [token == _SPACE for token, _ in tokens for _ in range(2)]
        return _Script(np.array(numbers[:-1]), np.array(owner[:-1]), np.array(spaces[:-1]))

    def _frames(self, script: _Script, phones: Sequence[Phone], vowel_frames: float) -> Curve:
        """How long the network would hold each number, vowels lengthened, in whole frames."""
        ones = np.ones(len(script.numbers))
        frames = self._run("predicted", script, ones, self._briefly).ravel().astype(np.float64)
        frames[script.owner == -1] = LEAD_FRAMES / np.count_nonzero(script.owner == -1)
        frames[script.owner == -2] = TAIL_FRAMES / np.count_nonzero(script.owner == -2)
        frames[script.spaces] = 1.0
        for at, phone in enumerate(phones):
            own = (script.owner == at) & ~script.spaces
            if phone.place == "vowel":
                frames[own] *= max(1.0, vowel_frames / frames[own].sum())
        return np.asarray(np.diff(np.round(np.concatenate([[0.0], np.cumsum(frames)]))))

    def _run(self, output: str, script: _Script, frames: Curve, options: object = None) -> Curve:
        count = len(script.numbers)
        rng = np.random.default_rng(crc32(script.numbers.tobytes()))
        noise = rng.standard_normal((1, NOISE_CHANNELS, int(frames.sum())), dtype=np.float32)
        feeds = {
            "input": script.numbers[None].astype(np.int64),
            "input_lengths": np.array([count], np.int64),
            "scales": np.array([NOISE_SCALE, 1.0, 0.0], np.float32),
            "durations": frames[None, None].astype(np.float32),
            "noise": noise,
        }
        (result,) = self._session.run([output], feeds, options)
        return np.asarray(result)
