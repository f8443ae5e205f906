"""The states of all bandits, as they are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from learning.bandits.baselines import EpsilonGreedy, Uniform
from learning.bandits.linucb import LinUcb
from learning.bandits.thompson import BetaThompson, GaussianThompson

AnyPolicy = Annotated[
    BetaThompson | GaussianThompson | LinUcb | EpsilonGreedy | Uniform,
    Field(discriminator="kind"),
]
_ADAPTER: TypeAdapter[AnyPolicy] = TypeAdapter(AnyPolicy)


def read_policy(text: str | bytes) -> AnyPolicy:
    """The policy that `model_dump_json` wrote; pydantic's error says what does not fit."""
    return _ADAPTER.validate_json(text)
