"""What a job counts against the budgets once it has ended."""

from __future__ import annotations

from domain.errors import GreenroomError, PolicyRejected, ProviderInputInvalid
from domain.generation import CostBasis, GenerationJob


def basis_of(cost_usd: float, *, told: bool) -> CostBasis:
    """A bill is only what somebody told; a price from the list stays quoted."""
    if not cost_usd:
        return "nothing"
    return "billed" if told else "quoted"


def cost_of_failure(
    job: GenerationJob, error: GreenroomError, arrived: bool
) -> tuple[float, CostBasis]:
    """What a failed job counts; a provider's own word on its bill goes before any guess."""
    said = error.facts.get("cost_usd")
    if isinstance(said, (int, float)):
        return float(said), "billed" if said else "nothing"
    refused = isinstance(error, (PolicyRejected, ProviderInputInvalid))
    if not arrived or refused or not job.quote.cost_usd:
        return 0.0, "nothing"
    return job.quote.cost_usd, "possibly"
