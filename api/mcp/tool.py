"""What makes a use case a tool of the MCP server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp import types
from pydantic import BaseModel, ConfigDict

from api.context import ApiContext
from domain.actor import Actor
from domain.rights import Right

Progress = Callable[[str], Awaitable[None]]


class Arguments(BaseModel):
    """What a tool is called with; an argument that it does not know is a mistake worth telling."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Result(BaseModel):
    """What a tool gives."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class Caller:
    """Who calls, over which label; `progress` tells a waiting caller what happens."""

    context: ApiContext
    actor: Actor
    progress: Progress

    def page(self, path: str) -> str:
        """An address of the label that a person can open."""
        return f"{self.context.public_url()}{path}"


@dataclass(frozen=True)
class McpTool:
    """A named use case; its docstring is the manual that the caller's model reads.

    Whoever lacks `right` is not even told of it. The hints say what a client may want to ask its
    person about first.
    """

    name: str
    title: str
    right: Right
    arguments: type[BaseModel]
    result: type[BaseModel]
    call: Callable[[Caller, Any], Awaitable[BaseModel]]
    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False
    open_world: bool = False
    manual: str = ""

    def listed(self) -> types.Tool:
        """The tool as the protocol lists it."""
        return types.Tool(
            name=self.name,
            title=self.title,
            description=self.manual or " ".join((self.call.__doc__ or "").split()),
            input_schema=self.arguments.model_json_schema(),
            output_schema=self.result.model_json_schema(mode="serialization"),
            annotations=types.ToolAnnotations(
                title=self.title,
                read_only_hint=self.read_only,
                destructive_hint=self.destructive,
                idempotent_hint=self.read_only or self.idempotent,
                open_world_hint=self.open_world,
            ),
        )
