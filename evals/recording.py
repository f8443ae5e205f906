"""What a model once answered to a suite, small enough to be kept beside the code.

A call is found again by the digest of its words and of how they were asked, as in a replay: as long
as neither prompts nor questions change, the whole suite is answered without a model. The answers
are one model's, known by the digest of its file; another model's are not compared with them.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from domain.errors import InvalidInput, NotFound
from domain.evaluation import (
    Case,
    EvalRun,
    EvalSample,
    RecordedCall,
    SampleFailure,
    SampleStatus,
    Score,
    Transcript,
)
from domain.ids import new_id
from domain.ports.model import Completion, ModelTraits, Tier, TokenUsage
from evals.suite import digest_of

FOLDER = Path(__file__).with_name("recorded")
_ENDING = ".json.gz"


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeptCall(_Kept):
    """One answer of the model, or the error it ended with."""

    key: str
    text: str = ""
    end: str = "stop"
    tokens: tuple[int, int] = (0, 0)
    logprob: float | None = None
    error: str | None = None


class KeptSample(_Kept):
    """One answer to a case, and what it was worth; None where it could not be measured."""

    case: str
    epoch: int
    calls: int = Field(default=0, description="How often the model was asked.")
    asked: str = Field(description="Digest of the case's input: another question, another answer.")
    scorers: str = Field(description="Digest of the scorers, which may since be others.")
    output: dict[str, JsonValue] | None = None
    failure: SampleFailure | None = None
    scores: dict[str, Score]

    def as_sample(self, case: Case, now: datetime) -> EvalSample:
        """The sample as it was, for today's case of the same input."""
        status: SampleStatus = "scored" if self.output is not None else "failed"
        return EvalSample(
            id=new_id("sample"),
            created_at=now,
            updated_at=now,
            run_id="recorded",
            key="",
            case_id=case.id,
            epoch=self.epoch,
            status=status,
            case=case,
            output=self.output,
            scores=self.scores,
            scorers=self.scorers,
            failure=self.failure,
        )


class Recording(_Kept):
    """A finished run of a suite with the shipped prompts: the baseline of the gate of prompts."""

    suite: str
    recorded_on: date
    models: dict[Tier, ModelTraits]
    model_digest: str
    main: str
    seed: int
    epochs: int
    case_ids: tuple[str, ...]
    calls: tuple[KeptCall, ...]
    samples: tuple[KeptSample, ...]

    @property
    def model(self) -> str:
        """The models' names, each once."""
        return ", ".join(dict.fromkeys(traits.model for traits in self.models.values()))

    def replayed(self) -> list[RecordedCall]:
        """The calls as a replaying gateway takes them."""
        return [_call(kept, self.model) for kept in self.calls]


def recording_of(
    run: EvalRun,
    samples: Sequence[EvalSample],
    transcripts: Mapping[str, Transcript],
    *,
    model_digest: str,
) -> Recording:
    """Take from a finished run what a replay needs."""
    if run.status != "finished" or run.subject.replaced or run.subject.handle:
        raise InvalidInput(
            f"{run.id} is no finished run of the shipped prompts and the suite's own artists",
            field="run",
            remedy="Record the suite without --prompt and --artist.",
        )
    calls = (call for said in transcripts.values() for call in said.calls)
    return Recording(
        suite=run.suite,
        recorded_on=run.created_at.date(),
        models=run.subject.models,
        model_digest=model_digest,
        main=run.main,
        seed=run.subject.seed,
        epochs=run.epochs,
        case_ids=run.case_ids,
        calls=tuple(_kept(calls)),
        samples=tuple(
            KeptSample(
                case=sample.case_id,
                epoch=sample.epoch,
                calls=sample.cost.calls + sample.cost.cached_calls,
                asked=asked_digest(sample.case),
                scorers=sample.scorers,
                output=sample.output,
                failure=sample.failure,
                scores=sample.scores,
            )
            for sample in samples
            if sample.output is not None or sample.status == "failed"
        ),
    )


def write_recording(recording: Recording, folder: Path = FOLDER) -> Path:
    """Keep it in place of the suite's earlier one."""
    path = folder / f"{recording.suite}{_ENDING}"
    folder.mkdir(parents=True, exist_ok=True)
    text = recording.model_dump_json(exclude_defaults=True)
    # Without a time, so that the same recording is the same file.
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def read_recording(suite: str, folder: Path = FOLDER) -> Recording:
    """The suite's recording."""
    path = folder / f"{suite}{_ENDING}"
    if not path.is_file():
        raise NotFound(
            f"the suite {suite!r} was not recorded",
            field="suite",
            remedy=f"Record it: greenroom eval record {suite}.",
        )
    try:
        return Recording.model_validate_json(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValidationError) as error:
        raise InvalidInput(
            f"the recording {path.name} cannot be used: {error}",
            field="suite",
            remedy=f"Record it anew: greenroom eval record {suite}.",
        ) from error


def asked_digest(case: Case) -> str:
    """Equal for cases that ask the same."""
    return digest_of(case.input)[:16]


def recorded_suites(folder: Path = FOLDER) -> list[str]:
    """The suites that have a recording."""
    return sorted(path.name.removesuffix(_ENDING) for path in folder.glob(f"*{_ENDING}"))


def _kept(calls: Iterable[RecordedCall]) -> list[KeptCall]:
    kept: dict[str, KeptCall] = {}
    for call in calls:
        said = call.completion
        if said is None:
            failed = KeptCall(key=call.key, text=call.message, error=call.error)
            kept.setdefault(call.key, failed)
            continue
        kept[call.key] = KeptCall(
            key=call.key,
            text=said.text,
            end=said.finish_reason,
            tokens=(said.usage.prompt_tokens, said.usage.completion_tokens),
            logprob=said.mean_logprob,
        )
    return [kept[key] for key in sorted(kept)]


def _call(kept: KeptCall, model: str) -> RecordedCall:
    asked, said = kept.tokens
    answer = Completion(
        text=kept.text,
        finish_reason=kept.end,
        model=model,
        usage=TokenUsage(prompt_tokens=asked, completion_tokens=said),
        cached=True,
        mean_logprob=kept.logprob,
    )
    return RecordedCall(
        key=kept.key,
        tier="smart",
        prompt="",
        asked=(),
        completion=None if kept.error else answer,
        error=kept.error,
        message=kept.text if kept.error else "",
    )
