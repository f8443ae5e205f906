"""Who owns a home: one lock a folder, a token only its user can read, the owner's address."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from pydantic import SecretStr

from domain.errors import EnvironmentProblem, HomeInUse
from domain.ports.secrets import Secrets
from runtime.secrets import FileSecrets
from runtime.settings import Settings

LOCK = "lock"
ADDRESS = "server.json"
START_TOKEN = "start-token"
PRIVATE = 0o600


@dataclass(frozen=True)
class ServerAddress:
    """Where the owner of a home can be talked to."""

    pid: int
    url: str


class Home:
    """A label's folder, owned by one process at a time; a dead owner's lock is freed.

    Over a shared database it is a place of many processes' passing files, and nobody owns it.
    """

    def __init__(
        self,
        path: Path,
        *,
        shared: bool = False,
        secrets_dir: Path | None = None,
        token: SecretStr | None = None,
    ) -> None:
        self.path = path
        self._shared = shared
        self._secrets: Secrets = FileSecrets(secrets_dir or path / "secrets")
        self._token = token
        self._lock: IO[str] | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The home that the settings name."""
        return cls(
            settings.home,
            shared=settings.apart,
            secrets_dir=settings.secrets_dir,
            token=settings.token,
        )

    def claim(self) -> Self:
        """Own the home, making it where needed; raises `HomeInUse` when another process does."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (self.path / LOCK).open("w")
        except OSError as error:
            raise EnvironmentProblem(
                f"the home {self.path} cannot be used: {error.strerror}",
                field="GREENROOM_HOME",
                remedy="Set GREENROOM_HOME to a folder that you may write to.",
            ) from error
        if self._shared:
            lock.close()
            return self
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise HomeInUse(
                f"another process owns {self.path}",
                field="GREENROOM_HOME",
                remedy="Use that server, stop it, or set another GREENROOM_HOME.",
            ) from error
        self._lock = lock
        # A dead owner's address may be a stranger's by now: nobody must send the token there.
        (self.path / ADDRESS).unlink(missing_ok=True)
        return self

    def release(self) -> None:
        """Let go of the home."""
        if self._lock is not None:
            (self.path / ADDRESS).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    @property
    def secrets(self) -> Secrets:
        """The label's secrets, which only its user can read."""
        return self._secrets

    def token(self) -> str:
        """The start token: as set, or made at first use and readable by this user only."""
        if self._token is not None:
            return self._token.get_secret_value()
        kept = self._secrets.get(START_TOKEN)
        if kept is None:
            kept = SecretStr(secrets.token_urlsafe(32))
            self._secrets.put(START_TOKEN, kept)
        return kept.get_secret_value()

    def publish_address(self, url: str) -> None:
        """Write down where the owner can be talked to."""
        if self._shared:
            return
        address = json.dumps({"pid": os.getpid(), "url": url})
        self._write_private(self.path / ADDRESS, address)

    def address(self) -> ServerAddress | None:
        """Where the owner can be talked to, if it said so."""
        try:
            found = json.loads((self.path / ADDRESS).read_text())
            return ServerAddress(pid=int(found["pid"]), url=str(found["url"]))
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def _write_private(self, path: Path, text: str) -> None:
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        temporary.replace(path)
