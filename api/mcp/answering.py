"""Calls of tools: checked, carried out as the caller, written into the audit log, errors told."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from mcp import MCPError, types
from pydantic import ValidationError

from api.mcp.registry import tools_for
from api.mcp.tool import Caller, McpTool
from api.mcp.who import Asker
from domain.errors import GreenroomError
from services.audit import Act

ARTIST, SUBJECTS = "artist", ("run_id", "approval_id", "work_id", "talk_id", "directive_id")
log = structlog.get_logger(__name__)


async def call_tool(
    caller: Caller, asker: Asker, name: str, given: Mapping[str, Any]
) -> types.CallToolResult:
    """Call a tool; what a person or model can mend is told in the result, not raised.

    Raises `MCPError` for a tool that there is not for this caller.
    """
    tool = next((t for t in tools_for(caller.context, caller.actor) if t.name == name), None)
    if tool is None:
        raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {name}")
    try:
        arguments = tool.arguments.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "arguments"
        return _failed(f"{where}: {first['msg']}. Correct it and call the tool again.")
    if tool.read_only:
        return await _carried_out(tool, caller, arguments)
    entry = await caller.context.people.audit.begin(_act(asker, tool, given))
    status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
    try:
        result = await _carried_out(tool, caller, arguments)
        status = _status(result)
        return result
    finally:
        await caller.context.people.audit.end(entry, status)


async def _carried_out(tool: McpTool, caller: Caller, arguments: Any) -> types.CallToolResult:
    try:
        result = await tool.call(caller, arguments)
    except GreenroomError as error:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("a tool call failed", tool=tool.name, why=error.message)
        told = f"{error.code}: {error.message}" + (f" ({error.field})" if error.field else "")
        return _failed(f"{told}. {error.remedy}" if error.remedy else f"{told}.", error.status)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=result.model_dump_json(by_alias=True))],
        structured_content=result.model_dump(mode="json", by_alias=True),
    )


def _failed(why: str, status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=why)],
        is_error=True,
        _meta={"greenroom/status": int(status)},
    )


def _status(result: types.CallToolResult) -> int:
    if not result.is_error:
        return int(HTTPStatus.OK)
    return int((result.meta or {})["greenroom/status"])


def _act(asker: Asker, tool: McpTool, given: Mapping[str, Any]) -> Act:
    artist = given.get(ARTIST)
    subject = next((str(given[name])[:200] for name in SUBJECTS if name in given), None)
    return Act(
        user_id=asker.actor.id,
        who=asker.who,
        key=asker.key,
        operation=f"MCP {tool.name}",
        what=tool.title,
        subject=subject,
        artist=artist[:200] if isinstance(artist, str) else None,
        address=asker.address,
    )
