"""What a database driver says, in the words of the error family."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from domain.errors import DiskFull, EnvironmentProblem, GreenroomError, NotFound, PartMissing

UPGRADE = "Run `greenroom db upgrade`."
FREE_SPACE = "Free some space on the database's disk, then resume."


@contextmanager
def told(noun: str = "record") -> Iterator[None]:
    """Turn what goes wrong outside this program into an error with a remedy."""
    try:
        yield
    except IntegrityError as error:
        if not _is_missing_reference(error):
            raise
        raise NotFound(
            f"this {noun} refers to something that is not stored",
            remedy="Store what it refers to first.",
        ) from error
    except (OperationalError, ProgrammingError) as error:
        found = _known(error)
        if found is None:
            raise
        raise found from error


def is_duplicate(error: IntegrityError) -> bool:
    """Tell whether a unique constraint refused the row."""
    return _sqlstate(error) == "23505" or "UNIQUE constraint failed" in str(error.orig)


def _is_missing_reference(error: IntegrityError) -> bool:
    return _sqlstate(error) == "23503" or "FOREIGN KEY constraint failed" in str(error.orig)


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _known(error: DBAPIError) -> GreenroomError | None:
    said, state = str(error.orig), _sqlstate(error)
    if state == "53100" or "database or disk is full" in said:
        return DiskFull("the disk of the database is full", remedy=FREE_SPACE)
    if state in ("42P01", "42703") or "no such table" in said or "no such column" in said:
        return PartMissing("the database lacks a table or column", remedy=UPGRADE)
    if "locked" in said:
        return EnvironmentProblem(
            "the database was kept busy by another process for too long",
            remedy="Wait for the other process to finish, then try again.",
        )
    if isinstance(error, OperationalError) and (state is None or state.startswith(("08", "57P"))):
        return EnvironmentProblem(
            f"the database cannot be used: {said.strip()}",
            remedy="Check that GREENROOM_DATABASE_URL or the home's folder is right and in reach.",
        )
    return None
