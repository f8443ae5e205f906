"""The OpenAPI document: what FastAPI writes, completed with what holds for every operation."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api import needs
from api.errors import MEDIA_TYPE, Problem
from api.examples import example
from api.repeats import DESCRIPTION, HEADER

Json = dict[str, Any]
ABOUT = (
    "Everything that a person can do at a label, for programs. Lists come in pages: send `next` "
    "back as `after`. Repeat a POST safely with `Idempotency-Key`. Edits need the `ETag` of what "
    "they change, as `If-Match`. Errors are problems as RFC 9457 writes them."
)
TAGS = {
    "artists": "Who makes music here: create, steer, run them, and look at who they are.",
    "steering": "What an artist is asked, how freely it acts, what it may spend; and stopping it.",
    "runs": "One go of an artist, step by step: what it saw, what it said, what it cost.",
    "approvals": "What waits for a person's word, exactly as it will go out.",
    "audience": "What visitors wrote; untrusted text.",
    "catalogue": "Works, and the releases they go out on.",
    "posts": "What artists say on channels, and what became of it.",
    "memories": "What artists remember; to be read, corrected, forgotten.",
    "genres": "The genre packs that artists can work in.",
    "usage": "Tokens and money.",
    "insights": "What changed in a week, how sure that is, and what comes next.",
    "channels": "Accounts of artists on networks.",
    "providers": "Who generates what the label does not make itself.",
    "jobs": "What was asked of providers.",
    "schedules": "When artists act by themselves, and the hold on everything.",
    "search": "Anything of the label, by its words.",
    "calendar": "What happens when.",
    "operations": "The house at work: queue, workers, dead letters.",
    "learning": "What the label changed about itself, why, and the way back.",
    "alerts": "What somebody should look at.",
    "webhooks": "Addresses that are told of events.",
    "people": "Who works at the label, what they may, and who is invited.",
    "keys": "Keys of programs, and sessions of browsers.",
    "audit": "Who did what, from where, and what came of it.",
    "events": "The log of everything, by waiting or as a stream.",
    "media": "Files by their hash.",
    "openai": "Artists as models, for any client of OpenAI's chat protocol.",
    "talks": "Chats with artists: ask, answer, and follow what comes.",
    "health": "Whether it lives, and which version it is.",
}
PROBLEMS: dict[int, str] = {
    400: "The request cannot be read.",
    401: "Nobody is signed in.",
    403: "This person may not do this.",
    404: "There is no such thing.",
    409: "It does not fit the present state.",
    422: "A field is wrong; `field` names it.",
    429: "Too much at once, or a budget is spent; `Retry-After` says how long to wait.",
    502: "A service elsewhere failed.",
    503: "Something that this needs is away.",
    504: "A service elsewhere did not answer in time.",
}
EDITED: dict[int, str] = {
    412: "It was changed since it was read; nothing was overwritten.",
    428: "`If-Match` is missing.",
}
# There errors have the shape of another protocol, which its routes describe.
OWN_ERRORS = "/v1/"
METHODS = ("get", "put", "post", "delete", "patch")


def operation_id(route: APIRoute) -> str:
    """A name that stays: the noun and the function that answers."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def describe(app: FastAPI) -> None:
    """Let `app` show the completed document, made once."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> Json:
    found: Json = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=ABOUT,
        routes=app.routes,
    )
    schemas = found["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    used = set()
    for path, methods in found["paths"].items():
        for method in METHODS:
            if method in methods:
                _complete(methods[method], method, path, schemas)
                used |= set(methods[method].get("tags", ()))
    found["tags"] = [{"name": name, "description": TAGS.get(name, name)} for name in sorted(used)]
    for left in ("HTTPValidationError", "ValidationError"):
        schemas.pop(left, None)
    return found


def _complete(operation: Json, method: str, path: str, schemas: Json) -> None:
    if method == "post" and path.startswith("/api/"):
        operation.setdefault("parameters", []).append(_idempotency_key())
    _needed(operation, f"{method.upper()} {path.removeprefix(needs.API_PREFIX)}")
    if path.startswith(OWN_ERRORS):
        operation["responses"].pop("422", None)
    else:
        _problems(operation["responses"], edited=method in ("put", "patch"))
    body = operation.get("requestBody", {})
    for media in body.get("content", {}).values():
        if "$ref" in media.get("schema", {}):
            named = schemas[media["schema"]["$ref"].rsplit("/", 1)[-1]]
            named.setdefault("examples", [example(named, schemas)])
    for status, answer in operation["responses"].items():
        if status < "300":
            _examples(answer, schemas)
        if status == "202":
            where = {"schema": {"type": "string"}, "description": "Where to see how far it is."}
            answer.setdefault("headers", {"Location": where})
    _examples(body, schemas)


def _needed(operation: Json, named: str) -> None:
    told = needs.words(named)
    if told is not None:
        operation["description"] = f"{operation.get('description', '')} {told}".strip()
    right = needs.right_of(named)
    if right is not None:
        operation["x-right"] = right


def _problems(responses: Json, *, edited: bool) -> None:
    wanted = PROBLEMS | (EDITED if edited else {})
    for status, says in sorted(wanted.items()):
        told = responses.get(str(status), {}).get("description", says)
        schema = {"$ref": "#/components/schemas/Problem"}
        responses[str(status)] = {
            "description": told if told != "Validation Error" else says,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        if status == 429:
            seconds = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
            responses["429"]["headers"] = {"Retry-After": seconds}


def _examples(holder: Json, schemas: Json) -> None:
    for kind, media in holder.get("content", {}).items():
        if kind == "application/json" and "schema" in media and "example" not in media:
            media["example"] = example(media["schema"], schemas)


def _idempotency_key() -> Json:
    return {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": DESCRIPTION,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "example": "5a0f8b1c-6e0e-4b53-9f0b-0d1f2a3b4c5d",
    }
