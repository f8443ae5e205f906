"""Secrets behind one interface; where they lie is the runtime's business."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr


class Secrets(Protocol):
    """Named secrets of one label."""

    def get(self, name: str) -> SecretStr | None:
        """The secret, if there is one."""

    def put(self, name: str, value: SecretStr) -> None:
        """Keep a secret, replacing the older one whole."""

    def delete(self, name: str) -> None:
        """Forget a secret; forgetting an unknown one is harmless."""
