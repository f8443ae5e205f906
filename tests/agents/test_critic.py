from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.critic import ORDER, Part, critique
from domain.quality import QualityReport


def report(subject: Part, *verdicts: str) -> QualityReport:
    return QualityReport.model_validate(
        {
            "subject": subject,
            "gates": [
                {"gate": f"g{n}", "verdict": v, "reason": f"because {n}"}
                for n, v in enumerate(verdicts)
            ],
        }
    )


def test_what_passes_is_accepted() -> None:
    verdict = critique(
        [report("lyrics", "pass"), report("audio", "pass", "not_applicable")],
        revisions_done=0,
        revisions_allowed=2,
    )
    assert (verdict.decision, verdict.redo, verdict.reasons) == ("accept", None, ())


def test_the_earliest_part_is_redone_first_and_all_reasons_are_given() -> None:
    verdict = critique(
        [report("cover", "fail"), report("score", "pass", "fail"), report("lyrics", "pass")],
        revisions_done=1,
        revisions_allowed=2,
    )
    assert (verdict.decision, verdict.redo) == ("revise", "score")
    assert verdict.reasons == ("score, g1: because 1", "cover, g0: because 0")


def test_after_the_last_revision_it_gives_up() -> None:
    verdict = critique([report("audio", "fail")], revisions_done=2, revisions_allowed=2)
    assert verdict.decision == "give_up"
    assert verdict.reasons


def test_nothing_judged_is_never_accepted() -> None:
    assert critique([], revisions_done=0, revisions_allowed=2).decision == "give_up"
    unmeasured = critique([report("audio")], revisions_done=0, revisions_allowed=1)
    assert unmeasured.decision == "revise"
    assert unmeasured.reasons == ("audio: nothing could be measured",)


VERDICTS = st.lists(st.sampled_from(["pass", "fail", "not_applicable"]), max_size=3)


@given(
    st.dictionaries(st.sampled_from(ORDER), VERDICTS, max_size=5),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_a_failing_work_is_never_accepted(
    subjects: dict[Part, list[str]], done: int, allowed: int
) -> None:
    reports = [report(subject, *verdicts) for subject, verdicts in subjects.items()]
    verdict = critique(reports, revisions_done=done, revisions_allowed=allowed)
    all_pass = bool(reports) and all(r.passed for r in reports)
    assert (verdict.decision == "accept") == all_pass
    if verdict.decision == "revise":
        assert done < allowed


@pytest.mark.parametrize("done", [0, 5])
def test_revising_has_a_bound(done: int) -> None:
    verdict = critique([report("post", "fail")], revisions_done=done, revisions_allowed=3)
    assert verdict.decision == ("revise" if done < 3 else "give_up")
