"""Secrets as files that only their user can read."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from domain.errors import InvalidInput

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


class FileSecrets:
    """Implements `domain.ports.secrets.Secrets`: one file a secret, in a private folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> SecretStr | None:
        """The secret, if there is one."""
        with suppress(FileNotFoundError):
            return SecretStr(self._file(name).read_text(encoding="utf-8"))
        return None

    def put(self, name: str, value: SecretStr) -> None:
        """Write beside the target, sync, then rename; never readable by others."""
        file = self._file(name)
        self._folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
        temporary = file.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(value.get_secret_value())
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(file)

    def delete(self, name: str) -> None:
        """Forget a secret; forgetting an unknown one is harmless."""
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                "a secret's name is lower-case letters, digits and hyphens",
                field="name",
                remedy="Use a plain name, such as start-token.",
            )
        return self._folder / name
