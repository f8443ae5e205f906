"""A label's API as a person's script uses it: over HTTP, with a token, at one of its addresses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT_S = 60.0
READ_LIMIT_S = 30.0


@dataclass(frozen=True)
class Api:
    """One API process."""

    url: str
    token: str

    def get(self, path: str, **query: str) -> Any:
        """GET a JSON answer as the operator."""
        return self._json(self._request("GET", path, params=query))

    def post(self, path: str, body: object = None) -> Any:
        """POST a JSON body as the operator."""
        return self._json(self._request("POST", path, json=body if body is not None else {}))

    def put(self, path: str, body: object) -> Any:
        """PUT a JSON body as the operator, in the place of what stands there now."""
        standing = self._request("GET", path)
        seen = {"If-Match": standing.headers["ETag"]} if standing.is_success else {}
        return self._json(self._request("PUT", path, json=body, headers=seen))

    def page(self, path: str) -> httpx.Response:
        """GET a page as a visitor."""
        return httpx.get(f"{self.url}{path}", timeout=TIMEOUT_S, trust_env=False)

    def operator_page(self, path: str) -> httpx.Response:
        """GET a page as the operator."""
        return httpx.get(
            f"{self.url}{path}", headers=self._bearer(), timeout=TIMEOUT_S, trust_env=False
        )

    def up(self) -> bool:
        """Whether it answers."""
        try:
            answer = httpx.get(f"{self.url}/api/v1/health", timeout=5.0, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR

    def follow(self, path: str, last: int | None = None) -> Iterator[dict[str, Any]]:
        """The events of a server-sent stream as they come, behind the last one that was seen.

        Raises `httpx.TransportError` when the process dies under the reader.
        """
        headers = self._bearer() | ({"Last-Event-ID": str(last)} if last is not None else {})
        timeout = httpx.Timeout(TIMEOUT_S, read=READ_LIMIT_S)
        with httpx.stream(
            "GET", f"{self.url}/api/v1{path}", headers=headers, timeout=timeout, trust_env=False
        ) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _request(
        self, method: str, path: str, headers: dict[str, str] | None = None, **kwargs: Any
    ) -> httpx.Response:
        return httpx.request(
            method,
            f"{self.url}/api/v1{path}",
            headers=self._bearer() | (headers or {}),
            timeout=TIMEOUT_S,
            trust_env=False,
            **kwargs,
        )

    def _json(self, answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
        return answer.json()
