"""The process in which the embedded model lives: `python -m runtime.embedded.server`."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil
from pydantic import SecretStr

from runtime.embedded.lock import try_lock
from runtime.embedded.presence import Post, ServerState, born

_WATCH_S = 0.5
_PROMPT_CACHE_MB = 256


class Stop(Exception):
    """Asked to end by a signal."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Load the model, announce the address, and stay while somebody may need it."""
    options = _options(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    post = Post(options.run_dir, options.name)
    post.prepare()
    try:
        key = secrets.token_urlsafe(24)
        # The name keeps the server alive.
        _server, address = _serve(options, key)
        print(f"{options.name} listens on {address}", flush=True)
        pid = os.getpid()
        state = ServerState(
            pid=pid, born=born(pid), url=f"{address}/v1", key=SecretStr(key), model=options.name
        )
        if post.server() is None:
            post.announce(state)
        reason = _watch(post, options)
    except Stop:
        reason = "asked to stop"
    post.withdraw(os.getpid())
    print(f"ends: {reason}", flush=True)
    # llama.cpp's threads may be in the middle of an answer: nothing is left to be saved.
    os._exit(0)


def _serve(options: argparse.Namespace, key: str) -> tuple[object, str]:
    """Start llama.cpp's server on a free loopback port; the object keeps it alive."""
    # OpenMP's default spinning cuts speed to a tenth on a busy machine; read at load time.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import xllamacpp  # noqa: PLC0415  (must load after the variable above is set)

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(options.model)
    parameters.model_alias = {options.name}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [key]
    parameters.ui = False
    parameters.warmup = False
    parameters.verbosity = 1
    # Prompts kept for reuse beyond the slots; llama.cpp's own default is 8 GB.
    parameters.cache_ram_mib = _PROMPT_CACHE_MB
    parameters.n_parallel = options.slots
    parameters.n_ctx = options.slots * options.context
    parameters.cpuparams.n_threads = options.threads
    parameters.cpuparams_batch.n_threads = options.threads
    server = xllamacpp.Server(parameters)
    return server, server.listening_address


def _watch(post: Post, options: argparse.Namespace) -> str:
    """Wait until there is a reason to end."""
    process = psutil.Process()
    alone_since: float | None = None
    while True:
        time.sleep(_WATCH_S)
        state = post.server()
        if state is None or state.pid != os.getpid():
            return "another server has taken its place"
        if process.memory_info().rss >> 20 > options.memory_mb:
            return f"uses more than {options.memory_mb} MB"
        alone_since = None if post.clients() else alone_since or time.monotonic()
        alone_s = time.monotonic() - alone_since if alone_since is not None else 0.0
        if (alone_s > options.grace_s or _idle(post, options.idle_s)) and _closed(
            post, options.idle_s
        ):
            return "idle or without users"


def _closed(post: Post, idle_s: float) -> bool:
    """Look again under the lock, where no client can arrive unseen; keep it when ending."""
    descriptor = try_lock(post.lock_file)
    if descriptor is None:
        return False
    if not post.clients() or _idle(post, idle_s):
        return True
    os.close(descriptor)
    return False


def _idle(post: Post, idle_s: float) -> bool:
    busy, latest = post.last_use()
    return not busy and latest > 0 and time.time() - latest > idle_s


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="runtime.embedded.server")
    parser.add_argument("--name", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--run-dir", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--context", type=int, required=True)
    parser.add_argument("--idle-s", type=float, required=True)
    parser.add_argument("--grace-s", type=float, required=True)
    parser.add_argument("--memory-mb", type=int, required=True)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
