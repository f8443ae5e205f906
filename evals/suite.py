"""A suite: cases, the production function they are put to, scorers, and what may evolve.

A shipped suite is a folder of `evals/suites` with four files: `cases.yaml`, `task.py`, `scorers.py`
and `evolve.py`. A suite of one's own is one YAML file that names a shipped suite whose task and
scorers it uses; it holds data only, so that reading a stranger's suite runs none of its code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from domain.errors import InvalidInput, NotFound
from domain.evaluation import SPLIT_SEED, Case, Output, Score, Split, SuiteForm
from domain.ports.model import CallScope, Embedder, ModelGateway
from domain.profile import Profile
from evals.suites import SHIPPED
from learning.splits import part_of
from prompts import PromptBook

SUITES = Path(__file__).with_name("suites")
_File = TypeVar("_File", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a task works with: the model, the prompts on trial, its seed, perhaps an artist."""

    gateway: ModelGateway
    embedder: Embedder
    book: PromptBook
    seed: int
    scope: CallScope
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a scorer sees; one that asks a judge does so from the sample's desk."""

    case: Case
    output: Output
    desk: Desk


Task = Callable[[Case, Desk], Awaitable[Output]]


@dataclass(frozen=True, slots=True)
class Scorer:
    """A named view of an answer's worth; another version scores known answers anew."""

    name: str
    score: Callable[[Answered], Score | Awaitable[Score]]
    version: int = 1


@dataclass(frozen=True)
class Suite:
    """One question asked in many cases; `main` is the score that counts."""

    name: str
    description: str
    cases: tuple[Case, ...]
    task: Task
    scorers: tuple[Scorer, ...]
    main: str
    prompts: tuple[str, ...]
    evolves: tuple[str, ...] = ()
    task_digest: str = ""
    scorers_source: str = ""

    @property
    def scorers_digest(self) -> str:
        """Equal while the same scorers are at work, and the same one counts."""
        scorers = [(scorer.name, scorer.version) for scorer in self.scorers]
        return digest_of([self.scorers_source, scorers, self.main])

    @property
    def digest(self) -> str:
        """Equal for suites that ask and score the same."""
        cases = [case.model_dump(mode="json") for case in self.cases]
        return digest_of([self.name, cases, self.task_digest, self.scorers_digest])

    def chosen(
        self, form: SuiteForm = "full", samples: int | None = None, split: Split | None = None
    ) -> tuple[Case, ...]:
        """The cases of a form and part; the first so many in an order that never changes."""
        fitting = [
            case
            for case in self.cases
            if (form == "full" or case.smoke) and split in (None, case.split)
        ]
        if samples is not None and samples < len(fitting):
            drawn = sorted(fitting, key=lambda case: digest_of([SPLIT_SEED, case.id]))[:samples]
            fitting = [case for case in fitting if case in drawn]
        if not fitting:
            raise InvalidInput(
                f"no case of the suite {self.name} fits",
                field="samples",
                remedy="Ask for at least one case, of a split that has some.",
            )
        return tuple(fitting)

    def with_cases(self, more: Sequence[Case]) -> Suite:
        """The suite with further cases; one with a known id takes its place."""
        cases = {case.id: case for case in (*self.cases, *more)}
        return replace(self, cases=tuple(cases.values()))


class _CaseFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = Field(min_length=10)
    cases: tuple[dict[str, Any], ...] = Field(min_length=1)


class _OwnFile(_CaseFile):
    """A suite in one file: the shipped one it is like, and which of its scorers it wants."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    like: str
    scorers: tuple[str, ...] | None = None
    main: str | None = None


def load_suite(named: str) -> Suite:
    """A shipped suite by name, or one of one's own by its file."""
    if named.endswith((".yaml", ".yml")):
        return _own(Path(named))
    if named not in SHIPPED:
        raise NotFound(
            f"there is no suite {named!r}",
            field="suite",
            remedy=f"Name a YAML file, or one of: {', '.join(SHIPPED)}.",
        )
    folder = SUITES / named
    task, scorers, evolve = (
        import_module(f"evals.suites.{named}.{part}") for part in ("task", "scorers", "evolve")
    )
    held = _read(folder / "cases.yaml", _CaseFile)
    return Suite(
        name=named,
        description=held.description,
        cases=read_cases(held.cases, named),
        task=task.run,
        scorers=tuple(scorers.SCORERS),
        main=scorers.MAIN,
        prompts=tuple(evolve.PROMPTS),
        evolves=tuple(evolve.EVOLVES),
        task_digest=digest_of((folder / "task.py").read_text()),
        scorers_source=digest_of((folder / "scorers.py").read_text()),
    )


def read_cases(held: Sequence[Mapping[str, Any]], where: str) -> tuple[Case, ...]:
    """Cases as written, each with its part: where none is said, a fixed seed draws it."""
    try:
        cases = TypeAdapter(tuple[Case, ...]).validate_python(
            [{"split": part_of(str(c.get("id")), seed=SPLIT_SEED), **c} for c in held]
        )
    except ValidationError as error:
        raise _broken(where, error) from error
    ids = [case.id for case in cases]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise InvalidInput(
            f"the suite {where} has more than one case {twice[0]!r}",
            field="cases",
            remedy="Give every case an id of its own.",
        )
    return cases


def _own(path: Path) -> Suite:
    held = _read(path, _OwnFile)
    like = load_suite(held.like)
    known = {scorer.name: scorer for scorer in like.scorers}
    wanted = held.scorers or tuple(known)
    main = held.main or (like.main if like.main in wanted else wanted[0])
    for name in (*wanted, main):
        if name not in known or main not in wanted:
            raise InvalidInput(
                f"the suite {held.name} asks for a scorer {name!r} that it does not have",
                field="scorers",
                remedy=f"The suite {like.name} has: {', '.join(known)}.",
            )
    return replace(
        like,
        name=held.name,
        description=held.description,
        cases=read_cases(held.cases, path.name),
        scorers=tuple(known[name] for name in wanted),
        main=main,
    )


def _read(path: Path, form: type[_File]) -> _File:
    try:
        return form.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise _broken(path.name, error) from error


def _broken(where: str, error: Exception) -> InvalidInput:
    return InvalidInput(
        f"the suite {where} cannot be used: {error}",
        field="suite",
        remedy="Correct the file; docs/evals.md shows one.",
    )


def digest_of(value: object) -> str:
    """A digest of anything that JSON can say."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
