"""The reference of the JSON API, drawn from its OpenAPI description; nothing from elsewhere."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api import needs
from api.context import Context
from api.web.page import Page

METHODS = ("get", "post", "patch", "put", "delete")
PREFIX = "/api/v1"
router = APIRouter(include_in_schema=False)


class Parameter(BaseModel):
    """A query or path parameter."""

    model_config = ConfigDict(frozen=True)

    name: str
    where: str
    required: bool
    description: str


class Operation(BaseModel):
    """One route with an example to copy."""

    model_config = ConfigDict(frozen=True)

    method: str
    path: str
    summary: str
    right: str = Field(description="The right it needs, if it needs one.")
    need: str = Field(description="The same in words, with what else is asked for.")
    parameters: tuple[Parameter, ...]
    curl: str
    answers: str = Field(description="Name of the answer's schema.")


class Group(BaseModel):
    """Routes of one noun."""

    model_config = ConfigDict(frozen=True)

    name: str
    operations: tuple[Operation, ...]


class ReferencePage(Page):
    """The API reference."""

    template: ClassVar[str] = "reference.html"

    base_url: str = Field(description="Address that the examples use.")
    version: str = Field(description="Version of Greenroom.")
    groups: tuple[Group, ...] = Field(description="Routes by noun.")


@router.get("/api/docs")
async def reference(request: Request, context: Context) -> HTMLResponse:
    """Every route with an example."""
    page = ReferencePage(
        title="API · Greenroom",
        base_url=context.public_url(),
        version=context.version,
        groups=tuple(groups_of(request.app.openapi(), context.public_url())),
    )
    return page.response()


def groups_of(spec: dict[str, Any], base_url: str) -> list[Group]:
    """Routes by their tag, in the order they were declared."""
    found: dict[str, list[Operation]] = {}
    draw = partial(_operation, spec, base_url)
    for path, methods in spec["paths"].items():
        for method in METHODS:
            if method in methods:
                tag = methods[method].get("tags", ["other"])[0]
                found.setdefault(tag, []).append(draw(path, method, methods[method]))
    return [Group(name=name, operations=tuple(ops)) for name, ops in found.items()]


def _operation(
    spec: dict[str, Any], base_url: str, path: str, method: str, told: dict[str, Any]
) -> Operation:
    parameters = tuple(
        Parameter(
            name=p["name"],
            where=p["in"],
            required=p.get("required", False),
            description=p.get("description") or p.get("schema", {}).get("description", ""),
        )
        for p in told.get("parameters", [])
    )
    need = needs.words(f"{method.upper()} {path.removeprefix(PREFIX)}") or ""
    described = told.get("description") or told.get("summary", "")
    return Operation(
        method=method.upper(),
        path=path,
        summary=described.removesuffix(need).strip().replace("`", ""),
        right=told.get("x-right", ""),
        need=need,
        parameters=parameters,
        curl=_curl(base_url, path, method, _example(spec, told)),
        answers=_answer(told),
    )


def _example(spec: dict[str, Any], told: dict[str, Any]) -> Any:
    content = told.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = content["schema"]
    for option in (schema, *schema.get("anyOf", [])):
        name = option.get("$ref", "").rpartition("/")[2]
        examples = spec["components"]["schemas"].get(name, {}).get("examples")
        if examples:
            return examples[0]
    return None


def _curl(base_url: str, path: str, method: str, body: Any) -> str:
    address = path.replace("{", "$").replace("}", "").replace("$handle", "harbour-signal")
    lines = [f'curl -H "Authorization: Bearer $TOKEN" {base_url}{address}']
    if method != "get":
        lines[0] = lines[0].replace("curl ", f"curl -X {method.upper()} ")
    if body is not None:
        lines += ['  -H "Content-Type: application/json"', f"  -d '{json.dumps(body)}'"]
    return " \\\n".join(lines)


def _answer(told: dict[str, Any]) -> str:
    status, good = next(iter(told["responses"].items()))
    schema = good.get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2].replace("_", " ").strip()
    return f"{status} {name}".strip()
