"""What the JSON routes take and give, where it is not a noun of the domain itself."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.approval import REJECT_REASONS, RejectReason, Verdict
from domain.artist import Artist
from domain.event import Event
from domain.health import HealthCheck
from domain.profile import ProfileVersion
from domain.run import Run
from services.inbox import AT_ONCE, Decided

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list; send `next` back as `after` for the following one."""

    items: list[Item]
    next: str | None = Field(default=None, description="None when this page is the last.")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewArtist(_Body):
    """A brief for a new artist."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "brief": "A night-shift ferry pilot who writes slow synth songs to the sea.",
                    "genre": "synthwave",
                    "seed": 7,
                }
            ]
        },
    )

    brief: str = Field(description="Who the artist is and what the music is about.")
    genre: str | None = Field(default=None, description="A genre pack; none: the best fit.")
    seed: int | None = Field(default=None, ge=0, lt=2**31, description="For the same artist again.")
    debut: bool = Field(
        default=True, description="Start the debut run at once, not at the next start of the label."
    )
    approve: Literal["ask", "auto"] = Field(default="ask", description="Of the debut run.")


class CreatedArtist(BaseModel):
    """The new artist and its debut run."""

    artist: Artist
    run: Run | None = None


class NewRun(_Body):
    """How to run a cycle."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"approve": "ask", "seed": 11}]}
    )

    approve: Literal["ask", "auto"] | None = Field(
        default=None,
        description="`auto` approves by standing order what passes the gates, unless the artist's "
        "level is stricter; left out: the level decides.",
    )
    seed: int | None = Field(default=None, ge=0, lt=2**31)


class NewSound(_Body):
    """Who sings and how the genre is bent; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"singer": "none", "overrides": {"mix.reverb_s": 3.0, "swing.high": None}}]
        },
    )

    singer: str | None = Field(default=None, description="A preset, `auto`, or `none`.")
    overrides: dict[str, str | float | int | bool | None] = Field(
        default_factory=dict,
        description="Values by their path in the genre pack; null: as the pack has it.",
    )


class ProfileOut(BaseModel):
    """The profile in force and every version before it, oldest first."""

    current: ProfileVersion
    history: list[ProfileVersion]


class RunRow(BaseModel):
    """A run in a list."""

    run: Run
    artist: str = Field(description="The artist's handle.")
    stage_name: str


class Approve(_Body):
    """A yes to exactly what `digest` names."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"digest": "5f0c…64 hexadecimal digits as shown"}]},
    )

    digest: str | None = Field(
        default=None, description="The approval's digest as seen; refused when it has changed."
    )


class Reject(_Body):
    """A no with a reason."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "lyrics", "comment": "The bridge drifts off."}]},
    )

    reason: RejectReason
    also: list[RejectReason] = Field(
        default=[], max_length=len(REJECT_REASONS), description="Further reasons for the same no."
    )
    comment: str = Field(default="", max_length=2000)
    digest: str | None = None


class Chosen(_Body):
    """One of many that are decided, exactly as it was seen."""

    approval_id: str
    digest: str = Field(max_length=64, description="As seen; refused when it has changed.")


class Decisions(_Body):
    """One word on many approvals, each exactly as it was seen."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "verdict": "reject",
                    "chosen": [
                        {
                            "approval_id": "approval_01k9zq4w5x8m2c7t3hj6rbd0ef",
                            "digest": "5f0c…64 hexadecimal digits as shown",
                        }
                    ],
                    "reason": "lyrics",
                    "comment": "Less rain.",
                }
            ]
        },
    )

    verdict: Verdict
    chosen: list[Chosen] = Field(min_length=1, max_length=AT_ONCE)
    reason: RejectReason | None = Field(default=None, description="Needed to reject.")
    comment: str = Field(default="", max_length=2000)


class DecidedMany(BaseModel):
    """What became of each, in the order they were given."""

    decided: list[Decided]


class AskForChanges(_Body):
    """What should be different, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"reasons": ["lyrics", "artwork"], "comment": "Less rain. A warmer cover."}
            ]
        },
    )

    reasons: list[RejectReason] = Field(
        min_length=1,
        max_length=len(REJECT_REASONS),
        description="What they name is made anew; everything else stays as it is.",
    )
    comment: str = Field(min_length=1, max_length=2000, description="What the artist is told.")
    digest: str | None = None


class NewWords(_Body):
    """The new words of a waiting post."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "It is out. Turn it up."}]}
    )

    text: str


class Settlement(_Body):
    """What a person saw at the channel."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"published": True, "remote_id": "3k2a"}]}
    )

    published: bool
    remote_id: str | None = Field(default=None, description="The post's id at the channel.")


class Events(BaseModel):
    """Lines of the event log; ask again with `after` set to `last`."""

    items: list[Event]
    last: int


class Health(BaseModel):
    """Alive; with the token also how each part is."""

    status: Literal["ok", "broken"]
    checks: list[HealthCheck] | None = None


class Version(BaseModel):
    """Which Greenroom answers."""

    name: Literal["greenroom"] = "greenroom"
    version: str
    api: Literal["v1"] = "v1"
