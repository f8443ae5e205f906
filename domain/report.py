"""What a model step did: its calls, what it considered, what code mended. Kept with the run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.choice import CreativeChoice


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class ModelCall(_Data):
    """One completion, as it counts for the run."""

    prompt: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    cached: bool
    latency_s: float


class Candidate(_Data):
    """One text that might have been taken, with the parts of its score."""

    text: str
    score: float
    parts: dict[str, float] = Field(default_factory=dict)
    refused: str | None = None
    chosen: bool = False


class Consideration(_Data):
    """The candidates for one thing, such as one line."""

    what: str
    candidates: tuple[Candidate, ...]


class Report(_Data):
    """Snapshot in, report out: the record of one role's work."""

    role: str
    calls: tuple[ModelCall, ...] = ()
    considered: tuple[Consideration, ...] = ()
    choices: tuple[CreativeChoice, ...] = ()
    notes: tuple[str, ...] = Field(default=(), description="What code decided or mended.")
    snapshot: dict[str, JsonValue] = Field(default_factory=dict, description="What was seen.")

    @property
    def prompts(self) -> tuple[str, ...]:
        """Every prompt used, as `id@version`, in order of first use."""
        return tuple(dict.fromkeys(call.prompt for call in self.calls))

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that answered."""
        return tuple(dict.fromkeys(call.model for call in self.calls))

    @property
    def tokens(self) -> int:
        """Tokens read and written; cached answers cost none."""
        return sum(c.prompt_tokens + c.completion_tokens for c in self.calls if not c.cached)

    @property
    def cost_usd(self) -> float:
        """Money spent."""
        return sum(c.cost_usd for c in self.calls if not c.cached)
