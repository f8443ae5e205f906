"""Tools of the upper rooms that make sense outside of a run, for whoever serves them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from domain.actor import Actor
from domain.errors import NotFound
from domain.rights import Right


@dataclass(frozen=True)
class OfferedTool:
    """A tool as a caller is told of it; `right` is what calling it needs."""

    name: str
    title: str
    manual: str
    arguments: type[BaseModel]
    result: type[BaseModel]
    right: Right
    read_only: bool


class ToolCatalogue(Protocol):
    """Tools that people and programs may call, each with the caller's own rights."""

    def offered(self) -> Sequence[OfferedTool]:
        """Every tool there is."""

    async def call(self, actor: Actor, name: str, arguments: BaseModel) -> BaseModel:
        """Call one; raises `NotFound` for no such tool, `Forbidden` without its right."""


class NoTools:
    """A catalogue without a tool."""

    def offered(self) -> Sequence[OfferedTool]:
        """Every tool there is."""
        return ()

    async def call(self, actor: Actor, name: str, arguments: BaseModel) -> BaseModel:
        """Call one; raises `NotFound`, for there is none."""
        raise NotFound(f"there is no tool {name}", field="name")
