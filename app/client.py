"""The command line's way to the label: over loopback to its owner, else in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx

from app.home import Home
from app.roles import Role
from domain.errors import GreenroomError, HomeInUse, InvalidInput, kinds_by_code
from runtime.settings import Settings

PREFIX = "/api/v1"
TIMEOUT_S = 60.0


class LabelClient:
    """Speaks the label's own API; errors come back as the family they were."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, *path: str, **query: Any) -> Any:
        """GET a JSON answer; the parts of the path are names as people write them."""
        kept = {k: v for k, v in query.items() if v is not None}
        return await self._send("GET", path, params=kept)

    async def post(self, *path: str, body: dict[str, Any] | None = None) -> Any:
        """POST a JSON body."""
        return await self._send("POST", path, json=body)

    async def put(self, *path: str, body: dict[str, Any]) -> Any:
        """PUT a JSON body in the place of what stands there now, if anything does."""
        standing = await self._answer("GET", path)
        seen = {"If-Match": standing.headers["ETag"]} if standing.is_success else {}
        return await self._send("PUT", path, json=body, headers=seen)

    async def patch(self, *path: str, body: dict[str, Any]) -> Any:
        """PATCH whatever is there; what is None in the body stays as it is."""
        kept = {k: v for k, v in body.items() if v is not None}
        return await self._send("PATCH", path, json=kept, headers={"If-Match": "*"})

    async def delete(self, *path: str) -> Any:
        """DELETE; answers with what is gone."""
        return await self._send("DELETE", path)

    async def _send(self, method: str, path: tuple[str, ...], **kwargs: Any) -> Any:
        answer = await self._answer(method, path, **kwargs)
        if answer.is_error:
            raise _revived(answer)
        return answer.json()

    async def _answer(self, method: str, path: tuple[str, ...], **kwargs: Any) -> httpx.Response:
        try:
            return await self._http.request(method, _address(path), **kwargs)
        except httpx.HTTPError as error:
            raise HomeInUse(
                f"the server that owns the home does not answer: {type(error).__name__}",
                remedy="Is it starting or stuck? Try again, or stop that process.",
            ) from error


@asynccontextmanager
async def label_client(settings: Settings, *, working: bool = False) -> AsyncIterator[LabelClient]:
    """A client of the home's owner; without one this process owns the home meanwhile.

    It does the artists' work only with `working`: whoever just looks must not go on with runs.
    Over a shared database workers elsewhere do it, and nobody owns the home.
    """
    home = Home.of(settings)
    try:
        home.claim()
    except HomeInUse:
        async with _remote(home) as http:
            yield LabelClient(http)
        return
    try:
        async with in_process(settings, home, working=working) as http:
            yield LabelClient(http)
    finally:
        home.release()


@asynccontextmanager
async def _remote(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    address = home.address()
    if address is None:
        raise HomeInUse(
            f"another process owns {home.path} and serves no address",
            field="GREENROOM_HOME",
            remedy="Wait until that command ends, or set another GREENROOM_HOME.",
        )
    async with httpx.AsyncClient(
        base_url=address.url, headers=_bearer(home), timeout=TIMEOUT_S, trust_env=False
    ) as http:
        yield http


@asynccontextmanager
async def in_process(
    settings: Settings, home: Home, *, working: bool
) -> AsyncIterator[httpx.AsyncClient]:
    """The API of the label that this process opens meanwhile; its home is claimed already."""
    # Loading the whole house takes seconds; a client of a running server needs none of it.
    from api.app import create_app
    from app.wiring import open_label

    role = Role.COMMAND if working and not settings.apart else Role.CLIENT
    async with open_label(settings, home, role=role) as label:
        url = settings.public_url or f"http://{settings.host}:{settings.port}"
        app = create_app(label.api_context(lambda: url))
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 0))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=_bearer(home), timeout=None
        ) as http:
            yield http


def _address(path: tuple[str, ...]) -> str:
    if not all(path):
        raise InvalidInput("a name or id is empty", remedy="Say which one you mean.")
    return PREFIX + "".join(f"/{quote(part, safe='')}" for part in path)


def _bearer(home: Home) -> dict[str, str]:
    return {"Authorization": f"Bearer {home.token()}"}


def _revived(answer: httpx.Response) -> GreenroomError:
    """Make the server's error again, by its code."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    code = problem.get("code") or problem.get("title")
    kind = _FAMILY.get(str(code), GreenroomError)
    return kind(
        str(problem.get("detail") or f"the server answered {answer.status_code}"),
        field=problem.get("field"),
        remedy=problem.get("remedy"),
    )


_FAMILY = kinds_by_code()
