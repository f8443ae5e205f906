"""The one look at the test set: is the winner of a search really better?"""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import InvalidInput
from learning.compare import Comparison, compare, pair, sign_flip_p
from learning.gate import GateRule, gate
from learning.intervals import CaseScores, Frozen

# Every evolution is one more chance to be fooled, so that proof must be stronger than a gate's.
ALPHA = 0.005
_SEED = 1


class Proof(Frozen):
    """Whether the winner may become a candidate version, with the figures."""

    better: bool
    reason: str
    p_better: float
    comparison: Comparison


def least_test_cases(alpha: float = ALPHA) -> int:
    """With fewer, not even a win in every case is proof."""
    least = 1
    while 0.5**least > alpha:
        least += 1
    return least


def check_test_cases(cases: int) -> None:
    """Refuse before anything is paid for what could never be shown."""
    if cases < (least := least_test_cases()):
        raise InvalidInput(
            f"{cases} test cases cannot show that a prompt is better",
            field="suite",
            remedy=f"Add cases until at least {least} belong to the test set.",
        )


def prove(before: Sequence[CaseScores], after: Sequence[CaseScores]) -> Proof:
    """Better only when a gain is shown and the gate, which also heeds what is unscored, passes."""
    compared = compare(before, after, seed=_SEED)
    p_better = sign_flip_p(pair(before, after).differences, "better", seed=_SEED)
    held = gate(before, after, GateRule(), seed=_SEED)
    better = p_better <= ALPHA and compared.difference.estimate > 0 and held.verdict == "pass"
    if better:
        reason = f"better on cases it never saw (p {p_better:.4f})"
    elif held.verdict == "fail":
        reason = f"worse on cases it never saw: {held.reason}"
    else:
        reason = f"not shown to be better on cases it never saw (p {p_better:.3f}, asked {ALPHA})"
    return Proof(better=better, reason=reason, p_better=p_better, comparison=compared)
