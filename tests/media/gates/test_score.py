"""What the gates of theory say of a composed song, besides their negative controls."""

from domain.score import Note, Score, Track
from media.compose import compose
from media.gates.score import check_score
from media.theory import scale_at
from tests.media.gates import spoiling
from tests.media.gates.conftest import SCORE_PACK as PACK
from tests.media.songs import sketch_brief


def test_composed_song_passes(score: Score) -> None:
    assert check_score(score, PACK).passed


def test_a_section_is_judged_in_its_own_key(score: Score) -> None:
    """A last chorus moved up with its chords stays right; moved without saying so, it is wrong."""
    last = max(i for i, s in enumerate(score.sections) if s.name == "chorus")
    sections = tuple(
        s.model_copy(update={"transpose": s.transpose + (6 if i == last else 0)})
        for i, s in enumerate(score.sections)
    )
    claimed = score.model_copy(update={"sections": sections})
    place = sections[last]
    chords = tuple(
        c.model_copy(update={"pitch_classes": tuple((p + 6) % 12 for p in c.pitch_classes)})
        if place.start <= c.start < place.end
        else c
        for c in score.chords
    )

    def move(track: Track) -> tuple[Note, ...]:
        return tuple(
            n.model_copy(update={"pitch": n.pitch + 6}) if place.start <= n.start < place.end else n
            for n in track.notes
        )

    moved = spoiling.with_notes(claimed, move).model_copy(update={"chords": chords})
    gates = {g.gate: g for g in check_score(moved, PACK).gates}
    home = {g.gate: g for g in check_score(score, PACK).gates}
    astray = {g.gate: g for g in check_score(spoiling.with_notes(score, move), PACK).gates}
    assert scale_at(moved, place.start) != scale_at(score, place.start)
    for gate in ("scale", "chord_tones", "chorus_recurrence"):
        assert gates[gate].verdict == "pass"
        assert astray[gate].verdict == "fail"
    assert gates["chorus_recurrence"].value == home["chorus_recurrence"].value


def test_sketch_passes_and_says_what_does_not_apply() -> None:
    report = check_score(compose(sketch_brief("indie-folk"), PACK), PACK)
    excused = {g.gate: g.reason for g in report.gates if g.verdict == "not_applicable"}
    assert report.passed
    assert {"chorus_recurrence", "energy_contrast", "song_length"} <= set(excused)
    assert all(excused.values())


def test_pack_can_excuse_and_bend_a_gate(score: Score) -> None:
    rules = PACK.gates.model_copy(update={"not_applicable": {"steps": "yodelling"}})
    report = check_score(score, PACK.model_copy(update={"gates": rules}))
    assert next(g for g in report.gates if g.gate == "steps").reason == "yodelling"
