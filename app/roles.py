"""What a process does for the label, and what it needs for that."""

from __future__ import annotations

import os
import secrets
import socket
from enum import StrEnum

from domain.errors import InvalidInput
from runtime.settings import Settings


class Role(StrEnum):
    """`ALL` is everything in one process; the next three stand apart and share what they keep.

    A `COMMAND` works on runs as long as it waits for one; a `CLIENT` only asks.
    """

    ALL = "all"
    API = "api"
    WORKER = "worker"
    SCHEDULER = "scheduler"
    COMMAND = "command"
    CLIENT = "client"

    @property
    def works(self) -> bool:
        """Whether it takes runs."""
        return self in (Role.ALL, Role.WORKER, Role.COMMAND)

    @property
    def keeps_time(self) -> bool:
        """Whether it does the duties that come round by the clock."""
        return self in (Role.ALL, Role.SCHEDULER)


def check_apart(settings: Settings) -> None:
    """Raise `InvalidInput` unless processes of this label can stand apart.

    SQLite and Chroma in process have one owner: a second process would lose what the first wrote.
    """
    needs = (
        ("GREENROOM_DATABASE_URL", settings.shared_database, "a PostgreSQL database"),
        ("GREENROOM_CHROMA_URL", settings.chroma_url is not None, "a Chroma server"),
    )
    for variable, is_met, what in needs:
        if not is_met:
            raise InvalidInput(
                f"processes that stand apart need {what}",
                field=variable,
                remedy=f"Set {variable}, or use `greenroom serve` for all in one process.",
            )


def worker_name(settings: Settings) -> str:
    """A name no other process has; the one owner of a home always has the same."""
    if not settings.shared_database:
        return "owner"
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
