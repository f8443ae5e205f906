"""`/v1`: artists listed as models, and chat completions with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from api.context import ApiContext, Context
from api.openai.answers import Answer, begun
from api.openai.artists import artist_of, artists_of, card_of
from api.openai.asked import ChatAsked
from api.openai.errors import INVALID, OpenAIRoute
from api.openai.history import conversation_of
from api.openai.limits import check_supported
from api.openai.told import StopAt, Teller
from api.openai.wire import Completion, ErrorAnswer, ErrorBody, ModelCard, ModelList
from api.rate import within_rate
from api.security import Asking, Operator
from api.streams import PING_S, while_allowed
from domain.actor import Actor
from domain.ids import new_id
from domain.ports.chat import ChatAsk

PREFIX = "/v1"
LOOK_S = 0.5
# How long an error may still become the answer's status; after that the stream begins.
PATIENCE_S = 10.0
GONE = 499
Result = TypeVar("Result")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": description}
    for status, description in {
        400: "A parameter is wrong or not supported; `param` names it.",
        401: "No valid key was sent.",
        403: "The key has not the right to chat.",
        404: "There is no such artist for this key.",
        409: "It does not fit the artist's present state.",
        429: "Too much at once, or a budget is spent.",
        502: "The language model behind the artist could not answer.",
        503: "The language model behind the artist is away.",
        504: "The language model behind the artist did not answer in time.",
    }.items()
}
router = APIRouter(
    prefix=PREFIX,
    tags=["openai"],
    route_class=OpenAIRoute,
    responses=ERRORS,
    dependencies=[Depends(within_rate)],
)


@router.get("/models")
async def list_models(context: Context, operator: Operator) -> ModelList:
    """List the artists that this key may talk with."""
    operator.must("chat")
    return ModelList(data=[card_of(artist) async for artist in artists_of(context, operator)])


@router.get("/models/{model}")
async def show_model(model: str, context: Context, operator: Operator) -> ModelCard:
    """Show one artist as a model."""
    operator.must("chat")
    return card_of(await artist_of(context, operator, model))


@router.post(
    "/chat/completions",
    response_model=Completion,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def complete_chat(
    asked: ChatAsked,
    request: Request,
    context: Context,
    caller: Asking,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response | Completion:
    """Talk with an artist: the whole answer, or with `stream` its pieces as they come."""
    operator = caller.actor
    operator.must("chat")
    check_supported(asked)
    ask = await _ask(asked, context, operator, idempotency_key)
    events = context.chat.answer(operator, ask)
    answer = _answer(asked, context)
    if asked.stream:
        async with AsyncExitStack() as stack:
            heard = await stack.enter_async_context(begun(events, PATIENCE_S))
            allowed = while_allowed(context, caller, heard)
            return _Streamed(answer.lines(allowed, usage=asked.wants_usage), stack.pop_all())
    async with begun(events, PATIENCE_S) as heard:
        done = await _unless_gone(request, answer.whole(heard))
    return done or Response(status_code=GONE)


@router.api_route("/{rest:path}", methods=METHODS, include_in_schema=False)
async def nothing_here(rest: str, request: Request) -> Response:
    """Tell that the protocol's other parts are not served."""
    body = ErrorBody(
        message=f"Unknown request URL: {request.method} {PREFIX}/{rest}. Greenroom serves "
        "GET /v1/models, GET /v1/models/{model} and POST /v1/chat/completions.",
        type=INVALID,
        code="unknown_url",
    )
    return Response(
        ErrorAnswer(error=body).model_dump_json(), status_code=404, media_type="application/json"
    )


async def _ask(asked: ChatAsked, context: ApiContext, operator: Actor, key: str | None) -> ChatAsk:
    artist = await artist_of(context, operator, asked.model)
    talk = conversation_of(asked)
    return ChatAsk(
        artist_id=artist.id,
        said=talk.said,
        key=f"v1:{operator.id}:{key or new_id('answer')}",
        history=talk.history,
        may_ask=False,
        max_tokens=asked.tokens_max,
        temperature=asked.temperature,
    )


def _answer(asked: ChatAsked, context: ApiContext) -> Answer:
    return Answer(
        id=new_id("chatcmpl"),
        created=int(context.clock.now().timestamp()),
        model=asked.model,
        teller=Teller(f"{context.public_url()}/operator"),
        stop=StopAt(asked.stops),
    )


class _Streamed(EventSourceResponse):
    """A stream that ends the answer with itself, also when it is never read."""

    def __init__(self, lines: AsyncIterator[str], stack: AsyncExitStack) -> None:
        headers = {"X-Accel-Buffering": "no"}
        super().__init__(_events(lines), ping=PING_S, sep="\n", headers=headers)
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        async with self._stack:
            await super().__call__(scope, receive, send)


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[ServerSentEvent]:
    async for line in lines:
        yield ServerSentEvent(data=line)


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result | None:
    """The work's result; None, and the work is ended, when the client has gone away."""
    task = asyncio.create_task(work)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_S))[0]:
            if await request.is_disconnected():
                return None
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
