from __future__ import annotations

import re

import pytest

from domain import errors
from domain.errors import GreenroomError

FAMILY = sorted(
    (
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, GreenroomError)
    ),
    key=lambda kind: kind.__name__,
)
STATUSES = {401, 403, 404, 409, 422, 428, 429, 500, 502, 503, 504, 507}


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in FAMILY]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", FAMILY)
def test_every_error_has_its_own_code_a_status_and_an_exit_code(
    kind: type[GreenroomError],
) -> None:
    if kind is not GreenroomError:
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
        assert kind.code == snake
    assert kind.status in STATUSES
    assert 1 <= kind.exit_code <= 11
    assert (kind.__doc__ or "").strip()


def test_scripts_can_tell_kinds_apart_by_exit_code() -> None:
    """Subclasses share their parent's code; the parents do not share one with each other."""
    parents = [k for k in FAMILY if k.__base__ is GreenroomError]
    shared = {
        errors.Unauthenticated, errors.Forbidden, errors.ModelError, errors.ProviderError,
        errors.StepOverdue, errors.PreconditionRequired,
    }  # fmt: skip
    codes = [k.exit_code for k in parents if k not in shared]
    assert len(set(codes)) == len(codes)
    assert 1 not in codes


def test_the_tree_at_the_top_of_the_file_is_the_tree() -> None:
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in str(errors.__doc__).splitlines():
        named = re.match(r"^((?:│   |    )*(?:[├└]── )?)(\w+)(?:  |$)", line)
        if named is None or named.group(2) not in vars(errors):
            continue
        depth = len(named.group(1)) // 4
        path[depth:] = [named.group(2)]
        drawn[named.group(2)] = path[depth - 1] if depth else ""
    real = {
        k.__name__: k.__base__.__name__ for k in FAMILY if k.__base__ and k is not GreenroomError
    }
    assert drawn == real | {"GreenroomError": ""}


def test_an_error_carries_its_facts() -> None:
    told = errors.ProviderRateLimited("slow down", field="f", remedy="wait", retry_after_s=3)
    assert str(told) == told.message == "slow down"
    assert (told.field, told.remedy, told.facts) == ("f", "wait", {"retry_after_s": 3})
