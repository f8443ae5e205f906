"""What the house itself tells of: settings in force, and the room that things take."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Setting(BaseModel):
    """One setting as it holds now. The value of a secret is never here: only whether it is set."""

    model_config = ConfigDict(frozen=True)

    name: str
    variable: str
    group: str
    value: str
    source: Literal["environment", "default"]
    meaning: str
    secret: bool = False


class Room(BaseModel):
    """What takes room on a disk; `bytes` is None where it cannot be told from here."""

    model_config = ConfigDict(frozen=True)

    name: str
    where: str
    bytes: int | None
    note: str = ""
