"""MCP over standard input and output, for clients that start a process: relayed to the label.

The process holds nothing of the label. What it is asked, it asks the server that owns the label,
with the caller's key; so rights, limits and the audit log are those of `/mcp`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from domain.errors import EnvironmentProblem, Unauthenticated

# An artist may think for long; the label itself has limits for how long.
READ_S, TIMEOUT_S = 600.0, 30.0
Context = ServerRequestContext[Any, Any]
Paginated = types.PaginatedRequestParams | None


async def relay(url: str, key: str) -> None:
    """Serve standard input until it ends, by the label at `url`.

    Raises `Unauthenticated` where the label refuses the key, `EnvironmentProblem` where none
    answers.
    """
    async with _connected(url, key) as label:
        server = relay_server(label)
        async with stdio_server() as (asked, answered):
            await server.run(asked, answered, server.create_initialization_options())


@asynccontextmanager
async def _connected(url: str, key: str) -> AsyncIterator[Client]:
    http = httpx2.AsyncClient(
        headers={"Authorization": f"Bearer {key}"},
        timeout=httpx2.Timeout(TIMEOUT_S, read=READ_S),
        trust_env=False,
    )
    async with http:
        await _check(http, url)
        # Lists depend on rights, which may change: nothing is kept here.
        async with Client(streamable_http_client(url, http_client=http), cache=None) as label:
            yield label


async def _check(http: httpx2.AsyncClient, url: str) -> None:
    """Tell in words what the protocol would only call a failed connection."""
    try:
        answer = await http.options(url)
    except httpx2.HTTPError as error:
        raise EnvironmentProblem(
            f"no label answers at {url}: {type(error).__name__}",
            remedy="Start it with `greenroom serve`, or correct --url.",
        ) from error
    if answer.status_code == httpx2.codes.UNAUTHORIZED:
        raise Unauthenticated(
            "the label does not know this key",
            field="GREENROOM_KEY",
            remedy="Make one in the dashboard under your account, and set GREENROOM_KEY to it.",
        )


def relay_server(label: Client) -> Server[Any]:
    """A server that answers everything as the label does."""
    relayed = _Relayed(label)
    about = label.server_info
    return Server(
        about.name if about else "greenroom",
        version=about.version if about else "",
        title="Greenroom",
        instructions=label.instructions,
        on_list_tools=relayed.list_tools,
        on_call_tool=relayed.call_tool,
        on_list_resources=relayed.list_resources,
        on_list_resource_templates=relayed.list_resource_templates,
        on_read_resource=relayed.read_resource,
        on_list_prompts=relayed.list_prompts,
        on_get_prompt=relayed.get_prompt,
    )


class _Relayed:
    """Each request of the protocol, asked of the label; lists page by the label's own cursors."""

    def __init__(self, label: Client) -> None:
        self._label = label

    async def list_tools(self, _: Context, params: Paginated) -> types.ListToolsResult:
        return await self._label.list_tools(cursor=_cursor(params))

    async def call_tool(
        self, ctx: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        async def tell(progress: float, total: float | None, message: str | None) -> None:
            await ctx.session.report_progress(progress, total, message)

        return await self._label.call_tool(params.name, params.arguments, progress_callback=tell)

    async def list_resources(self, _: Context, params: Paginated) -> types.ListResourcesResult:
        return await self._label.list_resources(cursor=_cursor(params))

    async def list_resource_templates(
        self, _: Context, params: Paginated
    ) -> types.ListResourceTemplatesResult:
        return await self._label.list_resource_templates(cursor=_cursor(params))

    async def read_resource(
        self, _: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        return await self._label.read_resource(str(params.uri))

    async def list_prompts(self, _: Context, params: Paginated) -> types.ListPromptsResult:
        return await self._label.list_prompts(cursor=_cursor(params))

    async def get_prompt(
        self, _: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        return await self._label.get_prompt(params.name, params.arguments)


def _cursor(params: Paginated) -> str | None:
    return params.cursor if params else None
