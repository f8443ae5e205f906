"""What makes a function a tool."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from tools.context import ToolContext

Risk = Literal["read", "make", "publish", "spend"]


@dataclass(frozen=True)
class Tool:
    """A named, typed function; its docstring is the manual a model reads."""

    name: str
    arguments: type[BaseModel]
    call: Callable[[ToolContext, Any], Awaitable[BaseModel]]
    risk: Risk

    @property
    def manual(self) -> str:
        """What a model is told about the tool."""
        return (self.call.__doc__ or "").strip()
