"""Structured logs: lines for people or for machines."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal

import structlog
from structlog.typing import EventDict, WrappedLogger

NOISY = ("httpx", "httpx2", "httpcore", "chromadb", "alembic", "aiosqlite", "dbos", "uvicorn")
_process: dict[str, str] = {}
# Asked at each line, for what only the moment knows; keyed by the name it gives.
_asked: dict[str, Callable[[], str | None]] = {}


def identify(**names: str) -> None:
    """Put these into every line of the process, whichever thread writes it: role, worker."""
    _process.update(names)


def ask_for(name: str, source: Callable[[], str | None] | None) -> None:
    """Ask `source` for the field `name` at each line; None ends that."""
    _asked.pop(name, None)
    if source is not None:
        _asked[name] = source


def bound(**names: str | None) -> AbstractContextManager[None]:
    """Put these into every line that is logged within the block: run, artist, step.

    What is started inside, tasks and threads alike, says so too.
    """
    return structlog.contextvars.bound_contextvars(
        **{name: value for name, value in names.items() if value is not None}
    )


def _whose(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """Add what holds for the process or the moment; what the line itself says goes first."""
    for name, value in _process.items():
        line.setdefault(name, value)
    for name, source in _asked.items():
        if (found := source()) is not None:
            line.setdefault(name, found)
    return line


def configure_logs(level: str, form: Literal["text", "json"]) -> None:
    """Send all logs to standard error in one form, at `level` and above."""
    # Plain tracebacks, without locals: those would print tokens and request headers.
    renderers: list[structlog.types.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        _whose,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
