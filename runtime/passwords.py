"""Passwords as Argon2id hashes, and secrets that are drawn, shown once and kept as digests."""

from __future__ import annotations

import asyncio
import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's recommendation; a hash takes about 25 ms of a core.
PASSES = 2
MEMORY_KIB = 19_456
AT_ONCE = 2
SECRET_BYTES = 32


class Passwords:
    """Hashes and checks in threads, a few at a time, so that guessers do not fill the machine."""

    def __init__(self, passes: int = PASSES, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._turn = asyncio.Semaphore(AT_ONCE)
        # What names that nobody has are checked against, so that they take as long as others.
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The hash that is kept."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, kept: str | None) -> bool:
        """Tell whether it is the password; without a hash it takes as long and never is."""
        if self._nobody is None:
            self._nobody = await self.hash(secrets.token_urlsafe())
        async with self._turn:
            fits = await asyncio.to_thread(self._verify, password, kept or self._nobody)
        return fits and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was made at another cost than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def new_secret(prefix: str = "") -> str:
    """A secret of 256 random bits."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """What is kept of a random secret; it is too long to be guessed, so plain SHA-256 will do."""
    return hashlib.sha256(secret.encode()).hexdigest()
