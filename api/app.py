"""Builds the web application out of the parts it is given; starts and stops nothing."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import Route
from starlette.types import Lifespan

from api import errors
from api.auditing import Audited
from api.context import ApiContext
from api.document import describe, operation_id
from api.headers import SecurityHeaders
from api.limits import BodyLimit
from api.mcp import endpoint as mcp
from api.needs import API_PREFIX
from api.observe import Observed
from api.openai import routes as openai
from api.origins import Origins
from api.rate import AddressLimit, TellRate, within_rate
from api.repeats import KeepAnswers, Replayed, begin_once, replay
from api.routes import (
    adaptations,
    alerts,
    approvals,
    artists,
    audience,
    audit,
    catalogue,
    channels,
    desk,
    directives,
    events,
    genres,
    health,
    insights,
    jobs,
    keys,
    media,
    memories,
    metrics,
    operations,
    outgoing_webhooks,
    people,
    posts,
    profiles,
    providers,
    runs,
    schedules,
    settings,
    steering,
    talks,
    usage,
    webhooks,
)
from api.unchanged import Unchanged
from api.web import (
    account_pages,
    alert_pages,
    approval_pages,
    artist_pages,
    audit_pages,
    calendar_pages,
    catalogue_pages,
    channel_pages,
    chat_pages,
    door_pages,
    insight_pages,
    network_pages,
    operations_pages,
    operator_routes,
    people_pages,
    profile_pages,
    provider_pages,
    reference,
    run_pages,
    schedule_pages,
    search_pages,
    settings_pages,
    sound_pages,
    stage_routes,
    static_files,
    steering_pages,
)
from api.web.error_page import error_page
from api.web.shell import Framed, paths_of

ROUTERS = (
    artists,
    talks,
    profiles,
    memories,
    catalogue,
    genres,
    usage,
    insights,
    runs,
    approvals,
    audience,
    posts,
    channels,
    providers,
    jobs,
    schedules,
    desk,
    directives,
    steering,
    operations,
    settings,
    adaptations,
    alerts,
    outgoing_webhooks,
    people,
    keys,
    audit,
    events,
    media,
)
# What strangers may ask as well: nobody's requests are counted or kept there.
OPEN_ROUTERS = (health,)
# Of every other operation of the API.
CONTRACT = (Depends(within_rate), Depends(begin_once))
# Pages of the people who run the label; all stand in one frame. A fixed address comes before one
# with a name in it, so the modules of single pages come before those of many.
DASHBOARD = (
    account_pages,
    insight_pages,
    audit_pages,
    people_pages,
    chat_pages,
    calendar_pages,
    catalogue_pages,
    search_pages,
    settings_pages,
    alert_pages,
    provider_pages,
    schedule_pages,
    sound_pages,
    steering_pages,
    channel_pages,
    network_pages,
    operations_pages,
    operator_routes,
    run_pages,
    approval_pages,
    profile_pages,
    artist_pages,
)


def create_app(context: ApiContext) -> FastAPI:
    """The JSON API, the stage and the operator's pages over one context."""
    tools = mcp.McpEndpoint(context)
    app = _app(context.version, tools.lifespan)
    app.state.context = context
    app.state.address_limit = AddressLimit(context.shared.windows)
    app.add_middleware(Audited, audit=context.people.audit)
    app.add_middleware(BodyLimit)
    app.add_middleware(KeepAnswers)
    app.add_middleware(Unchanged)
    app.add_middleware(TellRate)
    if context.cors_origins:
        app.add_middleware(Origins, allowed=context.cors_origins)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Observed, metrics=context.metrics)
    errors.install(app, error_page)
    app.add_exception_handler(Replayed, lambda _, error: replay(error))
    _include_api(app)
    app.router.routes.append(Route(mcp.PATH, tools, include_in_schema=False))
    app.include_router(webhooks.router)
    app.include_router(metrics.router)
    for dashboard in DASHBOARD:
        app.include_router(dashboard.router, dependencies=[Framed])
    for pages in (static_files, reference, door_pages, stage_routes):
        app.include_router(pages.router)
    app.state.page_paths = paths_of(*(module.router for module in (*DASHBOARD, door_pages)))
    return app


def api_document(version: str) -> dict[str, Any]:
    """The OpenAPI document, which is the same for every label."""
    app = _app(version)
    _include_api(app)
    return app.openapi()


def _app(version: str, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    app = FastAPI(
        title="Greenroom",
        version=version,
        summary="A label of autonomous AI music artists.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        generate_unique_id_function=operation_id,
        lifespan=lifespan,
    )
    describe(app)
    return app


def _include_api(app: FastAPI) -> None:
    api = APIRouter(prefix=API_PREFIX)
    for module in ROUTERS:
        api.include_router(module.router, dependencies=CONTRACT)
    for module in OPEN_ROUTERS:
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(openai.router)
