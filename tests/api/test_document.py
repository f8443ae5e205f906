"""The OpenAPI document tells what programs need, of every operation."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema  # type: ignore[import-untyped]
import pytest
from fastapi.routing import APIRoute

import api.routes
from api.app import api_document, create_app
from api.document import METHODS, TAGS, operation_id
from api.repeats import HEADER
from runtime.version import VERSION
from tests.support.label import open_label

Json = dict[str, Any]
# What strangers ask; nobody is known there whose requests could be kept.
OPEN = ("/api/v1/health",)


class Operation(NamedTuple):
    name: str
    path: str
    told: Json


@pytest.fixture(scope="module")
def document() -> Json:
    """Written once."""
    return api_document(VERSION)


@pytest.fixture(scope="module")
def operations(document: Json) -> list[Operation]:
    return [
        Operation(f"{method} {path}", path, told[method])
        for path, told in document["paths"].items()
        for method in METHODS
        if method in told
    ]


def _headers(operation: Operation) -> set[str]:
    parameters = operation.told.get("parameters", [])
    return {p["name"].lower() for p in parameters if p["in"] == "header"}


def _bodies(operation: Operation) -> Iterator[tuple[str, Json]]:
    """Request and answers in JSON."""
    holders = {"request": operation.told.get("requestBody", {})} | operation.told["responses"]
    for name, holder in holders.items():
        for kind, media in holder.get("content", {}).items():
            if kind.endswith("json") and (name == "request" or name < "300"):
                yield name, media


def _routes() -> Iterator[APIRoute]:
    """The routes of `api.routes`, one file a noun."""
    for found in pkgutil.iter_modules(api.routes.__path__):
        router = importlib.import_module(f"api.routes.{found.name}").router
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def test_every_operation_says_what_it_does_under_a_name_that_stays(
    operations: list[Operation], document: Json
) -> None:
    described = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert all(words != name for name, words in described.items())
    names = [o.told["operationId"] for o in operations]
    assert len(set(names)) == len(names) > 90
    for operation in operations:
        assert re.fullmatch(r"[a-z_]+", operation.told["operationId"]), operation.name
        assert operation.told["summary"], operation.name
        assert operation.told["description"].strip(), operation.name
        assert operation.told["tags"], operation.name
        assert operation.told["tags"][0] in described, operation.name


def test_every_body_has_an_example_that_fits_its_schema(
    operations: list[Operation], document: Json
) -> None:
    shown = 0
    for operation in operations:
        for name, media in _bodies(operation):
            assert "example" in media, (operation.name, name)
            schema = media["schema"] | {"components": document["components"]}
            jsonschema.Draft202012Validator(
                schema, format_checker=jsonschema.FormatChecker()
            ).validate(media["example"])
            shown += 1
    assert shown > 100


def test_every_problem_is_documented_as_one(operations: list[Operation]) -> None:
    # Errors under /v1 have the form that clients of OpenAI read.
    ours = [o for o in operations if o.path.startswith("/api/")]
    assert len(ours) > 90
    for operation in ours:
        failures = {s: r for s, r in operation.told["responses"].items() if s >= "400"}
        assert {"401", "403", "404", "409", "422", "429"} <= set(failures), operation.name
        for status, answer in failures.items():
            assert set(answer["content"]) == {"application/problem+json"}, (operation.name, status)
            assert answer["description"] != "Validation Error", operation.name


def test_every_post_may_be_repeated_and_every_edit_says_what_it_saw(
    operations: list[Operation],
) -> None:
    for operation in operations:
        if operation.name.startswith("post ") and operation.path not in OPEN:
            assert HEADER.lower() in _headers(operation), operation.name
        if operation.name.startswith(("put ", "patch ")):
            assert "if-match" in _headers(operation), operation.name
            assert {"412", "428"} <= set(operation.told["responses"]), operation.name


def test_whatever_goes_on_by_itself_says_where_to_see_it(operations: list[Operation]) -> None:
    routes = {operation_id(route): route for route in _routes()}
    begun = [o for o in operations if "202" in o.told["responses"]]
    assert len(begun) > 5
    for operation in begun:
        assert "Location" in operation.told["responses"]["202"]["headers"], operation.name
        source = inspect.getsource(routes[operation.told["operationId"]].endpoint)
        assert 'response.headers["Location"] =' in source, operation.name


def test_every_operation_but_the_open_ones_wants_a_credential(
    operations: list[Operation], document: Json
) -> None:
    assert document["components"]["securitySchemes"]
    for operation in operations:
        if operation.path not in OPEN:
            assert operation.told.get("security"), operation.name


def test_long_lists_come_in_pages(operations: list[Operation], document: Json) -> None:
    for operation in operations:
        asked = {p["name"] for p in operation.told.get("parameters", []) if p["in"] == "query"}
        if "after" in asked and "limit" in asked:
            answer = operation.told["responses"]["200"]["content"]["application/json"]["schema"]
            page = document["components"]["schemas"][answer["$ref"].rsplit("/", 1)[-1]]
            # The log has no end: it says where one is, whether more stands behind it yet or not.
            onward = "last" if operation.name == "get /api/v1/events" else "next"
            assert {"items", onward} <= set(page["properties"]), operation.name


async def test_a_label_shows_the_document_as_it_is(document: Json, tmp_path: Path) -> None:
    async with open_label(tmp_path) as label:
        assert create_app(label.context()).openapi() == document
    assert set(TAGS) >= {tag["name"] for tag in document["tags"]}
