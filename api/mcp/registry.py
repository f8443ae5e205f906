"""Every tool of the MCP server, in a plain list; and those of the upper rooms, by their port."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from api.context import ApiContext
from api.mcp.tool import Caller, McpTool
from api.mcp.tools import (
    approvals,
    artists,
    directives,
    profiles,
    runs,
    schedules,
    search,
    steering,
    talks,
    works,
)
from domain.actor import Actor
from domain.ports.tools import OfferedTool

TOOLS: tuple[McpTool, ...] = (
    *artists.TOOLS,
    *profiles.TOOLS,
    *talks.TOOLS,
    *runs.TOOLS,
    *works.TOOLS,
    *approvals.TOOLS,
    *directives.TOOLS,
    *steering.TOOLS,
    *schedules.TOOLS,
    *search.TOOLS,
)


def tools_for(context: ApiContext, actor: Actor) -> Sequence[McpTool]:
    """The tools that this actor's rights allow; of the others it is not told."""
    every = (*TOOLS, *(_served_on(tool) for tool in context.tools.offered()))
    return [tool for tool in every if tool.right in actor.rights]


def _served_on(offered: OfferedTool) -> McpTool:
    async def call(caller: Caller, arguments: BaseModel) -> BaseModel:
        return await caller.context.tools.call(caller.actor, offered.name, arguments)

    return McpTool(
        name=offered.name,
        title=offered.title,
        right=offered.right,
        arguments=offered.arguments,
        result=offered.result,
        call=call,
        read_only=offered.read_only,
        manual=offered.manual,
    )
