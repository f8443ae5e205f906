"""Files by which the embedded server and the processes that use it know of each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from pydantic import BaseModel, SecretStr, ValidationError, field_serializer

_BUSY = b"busy"
# Start times are derived from the wall clock, which may be set while we run.
_SAME_START_S = 30.0


class ServerState(BaseModel):
    """How to reach the running server; readable by its owner only."""

    pid: int
    born: float
    url: str
    key: SecretStr
    model: str

    @field_serializer("key", when_used="json")
    def _reveal(self, key: SecretStr) -> str:
        return key.get_secret_value()


class Post:
    """The folder of one model's server: state, lock, log, and a file for each client."""

    def __init__(self, run_dir: Path, model: str) -> None:
        self.state_file = run_dir / f"{model}.json"
        self.lock_file = run_dir / f"{model}.lock"
        self.log_file = run_dir / f"{model}.log"
        self._clients = run_dir / f"{model}.clients"

    def prepare(self) -> None:
        """Make the folders, closed to others."""
        self._clients.mkdir(parents=True, exist_ok=True)
        self._clients.parent.chmod(0o700)

    def server(self) -> ServerState | None:
        """The server's state if its process is alive."""
        try:
            state = ServerState.model_validate_json(self.state_file.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return state if is_alive(state.pid, state.born) else None

    def announce(self, state: ServerState) -> None:
        """Publish the state in one step."""
        draft = self.state_file.with_suffix(f".{state.pid}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(state.model_dump_json().encode())
        draft.replace(self.state_file)

    def withdraw(self, pid: int) -> None:
        """Remove the state if it is still that of process `pid`."""
        state = self.server()
        if state is not None and state.pid == pid:
            self.state_file.unlink(missing_ok=True)

    def clients(self) -> list[Path]:
        """The files of living clients; those of dead ones are removed."""
        alive = []
        for file in self._clients.glob("*-*-*"):
            pid, _, rest = file.name.partition("-")
            born = rest.partition("-")[0]
            if is_alive(int(pid), float(born)):
                alive.append(file)
            else:
                file.unlink(missing_ok=True)
        return alive

    def last_use(self) -> tuple[bool, float]:
        """Whether a client is waiting for an answer now, and when one last did."""
        busy, latest = False, 0.0
        for file in self.clients():
            with suppress(FileNotFoundError):
                facts = file.stat()
                busy = busy or facts.st_size > 0
                latest = max(latest, facts.st_mtime)
        return busy, latest

    def client(self) -> Client:
        """A client of this process."""
        return Client(self._clients)


class Client:
    """One user of the server, known by a file that says whether it waits for an answer."""

    _made = 0

    def __init__(self, folder: Path) -> None:
        Client._made += 1
        pid = os.getpid()
        self._file = folder / f"{pid}-{born(pid)}-{Client._made}"
        self._waiting = 0
        self._left = False

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Marks the block as one in which the server is needed."""
        self._waiting += 1
        self._write()
        try:
            yield
        finally:
            self._waiting -= 1
            self._write()

    def leave(self) -> None:
        """No longer a user."""
        self._left = True
        self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._left:
            return
        self._file.write_bytes(_BUSY if self._waiting else b"")


def born(pid: int) -> float:
    """When the process started, which tells it from a later one of the same number."""
    return psutil.Process(pid).create_time()


def is_alive(pid: int, born_at: float) -> bool:
    """Whether that very process is still running."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and (
            abs(process.create_time() - born_at) < _SAME_START_S
        )
    except psutil.Error:
        return False
