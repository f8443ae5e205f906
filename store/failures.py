"""What a database driver says, in the words of the error family."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from domain.errors import DiskFull, EnvironmentProblem, GreenroomError, NotFound, PartMissing

UPGRADE = "Run `greenroom db upgrade`."
FREE_SPACE = "Free some space on the database's disk, then resume."
IN_REACH = "Check that GREENROOM_DATABASE_URL or the home's folder is right and in reach."
AGAIN = "Nothing need be done; the same is tried again."
# PostgreSQL's SQLSTATEs: somebody else was in the way, and the same may go through next time.
IN_THE_WAY = {
    "40001": "another change came first",
    "40P01": "two changes waited for each other",
    "55P03": "another change kept a lock for too long",
    "57014": "the statement was cancelled",
}
# The connection is gone or none is to be had: 08 connection, 53 resources, 57P shut down.
CUT = ("08", "53", "57P", "25P03")
# SQLite's own names of errors; a mistake in a statement (SQLITE_ERROR) is not among them.
UNUSABLE = ("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_NOTADB", "SQLITE_CORRUPT")


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
    except DBAPIError as error:
        found = _known(error)
        if found is None:
            raise
        raise found from error
    except NoConnectionInTime as error:
        raise EnvironmentProblem(
            "no connection to the database was free in time",
            remedy="Lower GREENROOM_CONCURRENCY, or look what keeps the database busy.",
        ) from error
    except InvalidRequestError as error:
        # What is asked of a unit after its connection was cut.
        if not _follows_a_cut(error):
            raise
        raise _away("the connection was cut") from error


def kept_busy(by: str) -> EnvironmentProblem:
    """Nobody else could write for so long that this writer gave up."""
    return EnvironmentProblem(
        f"the database was kept busy by {by} for too long",
        remedy=f"Wait for {by} to finish, then try again.",
    )


def is_duplicate(error: IntegrityError) -> bool:
    """Tell whether a unique constraint refused the row."""
    return _sqlstate(error) == "23505" or "UNIQUE constraint failed" in str(error.orig)


def _is_missing_reference(error: IntegrityError) -> bool:
    return _sqlstate(error) == "23503" or "FOREIGN KEY constraint failed" in str(error.orig)


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _known(error: DBAPIError) -> GreenroomError | None:
    named = getattr(error.orig, "sqlite_errorname", None)
    return _of_postgresql(error) if named is None else _of_sqlite(str(named), str(error.orig))


def _of_sqlite(named: str, said: str) -> GreenroomError | None:
    if named == "SQLITE_FULL":
        return DiskFull("the disk of the database is full", remedy=FREE_SPACE)
    if "no such table" in said or "no such column" in said or "has no column" in said:
        return PartMissing("the database lacks a table or column", remedy=UPGRADE)
    if named.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return kept_busy("another process")
    return _away(said) if named.startswith(UNUSABLE) else None


def _of_postgresql(error: DBAPIError) -> GreenroomError | None:
    said, state = str(error.orig).strip(), _sqlstate(error)
    if state == "53100":
        return DiskFull("the disk of the database is full", remedy=FREE_SPACE)
    if state in ("42P01", "42703"):
        return PartMissing("the database lacks a table or column", remedy=UPGRADE)
    if state in IN_THE_WAY:
        return EnvironmentProblem(f"the database gave up: {IN_THE_WAY[state]}", remedy=AGAIN)
    # Without a state nobody answered: the connection broke, or there was none.
    if error.connection_invalidated or state is None or state.startswith(CUT):
        return _away(said)
    return None


def _follows_a_cut(error: InvalidRequestError) -> bool:
    return "reconnect" in str(error) or "closed" in str(error)


def _away(why: str) -> EnvironmentProblem:
    return EnvironmentProblem(f"the database cannot be used: {why}", remedy=IN_REACH)
