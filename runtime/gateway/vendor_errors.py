"""The openai client's errors in the terms of our own family."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import openai

from domain.errors import ModelError, ModelRejected, ModelTimeout, ModelUnavailable

_REMEDIES = {
    401: "Check GREENROOM_MODEL_KEY.",
    403: "Check that the key may use this model.",
    404: "Check GREENROOM_MODEL_URL (it ends in /v1) and GREENROOM_MODEL_NAME.",
    413: "Shorten the prompt or choose a model with a longer context.",
}
_BUSY = (408, 409, 425, 429)


def translate(error: openai.OpenAIError, endpoint: str) -> ModelError:
    """One of our errors for one of the client's."""
    if isinstance(error, openai.APITimeoutError):
        return timed_out(endpoint)
    if isinstance(error, openai.APIConnectionError):
        return ModelUnavailable(
            f"{endpoint} cannot be reached: {error.__cause__ or error}",
            remedy="Start the model server or check GREENROOM_MODEL_URL.",
            endpoint=endpoint,
        )
    if isinstance(error, openai.APIStatusError):
        return _from_status(error, endpoint)
    return nonsense(endpoint, str(error))


def timed_out(endpoint: str) -> ModelTimeout:
    """No answer in time."""
    return ModelTimeout(
        f"{endpoint} did not answer in time.",
        field="model_timeout_s",
        remedy="Raise GREENROOM_MODEL_TIMEOUT_S or choose a faster model.",
        endpoint=endpoint,
    )


def nonsense(endpoint: str, detail: str) -> ModelUnavailable:
    """A reply that is not of the protocol, such as a proxy's error page."""
    return ModelUnavailable(
        f"{endpoint} replied with something that is no chat completion: {detail[:200]}",
        remedy="Check that GREENROOM_MODEL_URL points at an OpenAI-compatible API.",
        endpoint=endpoint,
        nonsense=True,
    )


def _from_status(error: openai.APIStatusError, endpoint: str) -> ModelError:
    status = error.status_code
    if status >= 500 or status in _BUSY:
        return ModelUnavailable(
            f"{endpoint} is busy or down (HTTP {status}): {error.message[:200]}",
            remedy="Wait; the gateway has tried again and then the fallback.",
            endpoint=endpoint,
            http_status=status,
            retry_after_s=retry_after_s(error.response.headers, datetime.now(UTC)),
        )
    return ModelRejected(
        f"{endpoint} rejects the request (HTTP {status}): {error.message[:300]}",
        remedy=_REMEDIES.get(status, "Check the model's name, context length and parameters."),
        endpoint=endpoint,
        http_status=status,
    )


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the server asks to wait, from either form of the header."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, now)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
