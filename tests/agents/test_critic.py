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


def failing(subject: Part, *gates: str) -> QualityReport:
    return QualityReport.model_validate(
        {
            "subject": subject,
            "gates": [{"gate": g, "verdict": "fail", "reason": "it is off"} for g in gates],
        }
    )


def repair(report: QualityReport, *tried: str) -> tuple[str | None, str]:
    verdict = critique([report], revisions_done=len(tried), revisions_allowed=9, tried=tried)
    assert verdict.decision == "revise"
    return verdict.redo, verdict.why


MIXED = ["centroid", "stereo", "crest", "loudness_range", "true_peak_mp3", "clipping"]


@pytest.mark.parametrize("gate", MIXED)
def test_what_a_mix_can_mend_is_mixed_first_then_arranged(gate: str) -> None:
    report = failing("audio", gate)
    assert repair(report)[0] == "mix"
    assert repair(report, "mix")[0] == "score"
    assert repair(report, "mix", "score")[0] == "score", "another seed, never other words"


def test_words_nobody_understands_are_mixed_then_set_anew_then_rewritten() -> None:
    report = failing("audio", "intelligibility")
    tried: list[str] = []
    for _ in range(3):
        redo, why = repair(report, *tried)
        assert "drowned" in why
        tried.append(redo or "")
    assert tried == ["mix", "score", "lyrics"]
    alone = failing("audio", "words")
    assert [repair(alone)[0], repair(alone, "score")[0]] == ["score", "lyrics"]


@pytest.mark.parametrize("gate", ["stress", "syllables"])
def test_words_that_miss_the_beat_get_another_melody_then_other_words(gate: str) -> None:
    assert repair(failing("score", gate))[0] == "score"
    assert repair(failing("score", gate), "score")[0] == "lyrics"


@pytest.mark.parametrize(
    "gate", ["originality", "melody_originality", "fingerprint", "tempo", "key"]
)
def test_a_duplicate_is_composed_anew_never_only_mixed(gate: str) -> None:
    redo, why = repair(failing("audio", gate))
    assert redo == "score"
    assert gate.split("_")[0] in why


def test_the_dearest_repair_that_is_asked_for_helps_the_cheaper_ones_too() -> None:
    redo, why = repair(failing("audio", "centroid", "originality"))
    assert redo == "score"
    assert "originality" in why
    assert "centroid" not in why


def test_gates_of_the_words_and_unknown_gates_follow_their_subject() -> None:
    assert repair(failing("lyrics", "lyrics_rhyme"))[0] == "lyrics"
    assert repair(failing("score", "steps"), "score")[0] == "score"
    assert repair(failing("audio", "brand_new_gate"))[0] == "mix"
    assert repair(failing("cover", "contrast"))[0] == "cover"
    assert repair(report("audio"))[0] == "mix"


def test_without_a_history_the_failing_part_is_redone() -> None:
    verdict = critique([failing("audio", "stereo")], revisions_done=0, revisions_allowed=1)
    assert verdict.redo == "audio"


@given(
    st.lists(st.sampled_from([*MIXED, "vocal_presence", "originality", "x"]), max_size=4),
    st.sampled_from(["score", "audio"]),
    st.lists(st.sampled_from(["mix", "score", "lyrics"]), max_size=6),
)
def test_repairs_never_get_cheaper_again(gates: list[str], part: Part, tried: list[str]) -> None:
    cost = ["mix", "score", "lyrics"]
    before = repair(failing(part, *gates), *tried)[0] or ""
    after = repair(failing(part, *gates), *tried, before)[0] or ""
    assert cost.index(after) >= cost.index(before)
    assert part == "audio" or before != "mix"
