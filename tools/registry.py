"""Every tool of the house, in a plain list: adding one means a module and a line here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel

from domain.errors import Forbidden, GreenroomError, NotFound
from domain.run import ToolCall
from runtime.telemetry.semantics import tool_attributes
from runtime.telemetry.tracing import span
from tools.context import ToolContext
from tools.draw_cover import DRAW_COVER
from tools.draw_portrait import DRAW_PORTRAIT
from tools.package_song import PACKAGE_SONG
from tools.publish_post import PUBLISH_POST
from tools.recall_memories import RECALL_MEMORIES
from tools.release_single import RELEASE_SINGLE
from tools.render_song import RENDER_SONG
from tools.tool import Tool

TOOLS: tuple[Tool, ...] = (
    DRAW_COVER,
    DRAW_PORTRAIT,
    PACKAGE_SONG,
    PUBLISH_POST,
    RECALL_MEMORIES,
    RELEASE_SINGLE,
    RENDER_SONG,
)

Result = TypeVar("Result", bound=BaseModel)


class Toolbox:
    """The tools granted to one run; what is not granted is not there.

    It writes every call down; a step takes its own with it when it ends.
    """

    def __init__(self, context: ToolContext, granted: Iterable[str]) -> None:
        self.context = context
        self._calls: list[ToolCall] = []
        names = set(granted)
        self._tools = {tool.name: tool for tool in TOOLS if tool.name in names}
        unknown = names - set(self._tools)
        if unknown:
            raise NotFound(f"no such tool: {', '.join(sorted(unknown))}", field="granted")

    async def use(self, name: str, arguments: BaseModel, result: type[Result]) -> Result:
        """Call a granted tool; raises `Forbidden` for any other."""
        tool = self._tools.get(name)
        if tool is None:
            raise Forbidden(f"the tool {name} was not granted to this run", field="tool")
        called = ToolCall(tool=name, arguments=arguments.model_dump(mode="json"))
        began = time.monotonic()
        with span(f"execute_tool {name}", tool_attributes(name, tool.risk)):
            try:
                given = await tool.call(self.context, tool.arguments.model_validate(arguments))
            except GreenroomError as error:
                self._note(called, began, failure=error.message)
                raise
        self._note(called, began, result=given.model_dump(mode="json"))
        return result.model_validate(given)

    def take_calls(self) -> tuple[ToolCall, ...]:
        """The calls since this was asked last, in the order they ended."""
        taken, self._calls = tuple(self._calls), []
        return taken

    def _note(self, called: ToolCall, began: float, **ended: object) -> None:
        took = {"duration_s": round(time.monotonic() - began, 3)}
        self._calls.append(called.model_copy(update=ended | took))
