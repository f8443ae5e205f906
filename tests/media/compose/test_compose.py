from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.genre import FormSection
from domain.score import BriefOverrides, LyricSection, MoodPoint, Score, SongBrief
from media.compose import compose
from media.gates.score import check_score
from packs import load_pack, pack_ids
from tests.media.songs import CHORUS, SKETCH_FORM, full_brief

AXIS = st.floats(-1, 1, allow_nan=False)
MOODS = st.builds(MoodPoint, valence=AXIS, arousal=AXIS, dominance=AXIS)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(pack_ids()), st.integers(-(2**31), 2**63), MOODS)
def test_every_song_passes_the_gates_of_theory(pack_id: str, seed: int, mood: MoodPoint) -> None:
    pack = load_pack(pack_id)
    score = compose(full_brief(pack_id, seed, mood), pack)
    report = check_score(score, pack)
    assert report.passed, [g.reason for g in report.failures]


def test_same_brief_gives_same_score() -> None:
    pack = load_pack("synthwave")
    assert compose(full_brief("synthwave", 5), pack) == compose(full_brief("synthwave", 5), pack)


def test_seeds_differ_in_more_than_detail() -> None:
    pack = load_pack("indie-folk")
    songs = [compose(full_brief("indie-folk", seed), pack) for seed in range(8)]
    assert len({(s.key, s.mode, s.tempo_bpm) for s in songs}) >= 6
    assert len({tuple(c.roman for c in s.chords) for s in songs}) >= 6
    assert len({tuple(t.voice for t in s.tracks) for s in songs}) >= 5


def test_choices_are_logged_with_reasons() -> None:
    mood = MoodPoint(arousal=0.8)
    score = compose(full_brief("lofi", 3, mood), load_pack("lofi"))
    log = {c.name: c for c in score.choices}
    assert {"tempo", "key", "mode", "form", "groove", "progression:chorus"} <= set(log)
    assert "arousal +0.80" in log["tempo"].reason
    assert log["key"].chosen == score.key


def test_overrides_win_and_are_recorded() -> None:
    brief = full_brief("lofi").model_copy(
        update={"overrides": BriefOverrides(tempo_bpm=80, key="F", mode="dorian")}
    )
    score = compose(brief, load_pack("lofi"))
    assert (score.tempo_bpm, score.key, score.mode) == (80, "F", "dorian")
    assert next(c for c in score.choices if c.name == "key").reason == "fixed by the brief"


def test_mode_the_genre_does_not_play_is_declined_with_a_reason() -> None:
    brief = full_brief("lofi").model_copy(update={"overrides": BriefOverrides(mode="lydian")})
    score = compose(brief, load_pack("lofi"))
    assert score.mode != "lydian"
    assert "lydian is not played" in next(c for c in score.choices if c.name == "mode").reason


def test_wrong_pack_and_unknown_key_are_refused() -> None:
    with pytest.raises(InvalidInput, match="asks for"):
        compose(full_brief("lofi"), load_pack("synthwave"))
    brief = full_brief("lofi").model_copy(update={"overrides": BriefOverrides(key="H")})
    with pytest.raises(InvalidInput):
        compose(brief, load_pack("lofi"))


def test_more_lines_than_room_lengthen_the_section() -> None:
    brief = SongBrief(
        title="Long", pack_id="lofi", seed=1,
        lyrics=(LyricSection(section="chorus", lines=CHORUS),),
        overrides=BriefOverrides(form=SKETCH_FORM),
    )  # fmt: skip
    score = compose(brief, load_pack("lofi"))
    assert score.sections[0].bars == 8
    assert [line.text for line in score.lyrics] == list(CHORUS)


def test_verses_take_their_own_words_and_the_last_ones_return() -> None:
    form = tuple(FormSection(name="verse", bars=2, energy=0.6, sung=True) for _ in range(3))
    brief = SongBrief(
        title="Verses", pack_id="lofi", seed=1,
        lyrics=tuple(LyricSection(section="verse", lines=(line,)) for line in CHORUS[:2]),
        overrides=BriefOverrides(form=form),
    )  # fmt: skip
    score = compose(brief, load_pack("lofi"))
    assert [line.text for line in score.lyrics] == [CHORUS[0], CHORUS[1], CHORUS[1]]


def test_song_without_words_still_has_a_melody() -> None:
    brief = full_brief("synthwave").model_copy(update={"lyrics": ()})
    score = compose(brief, load_pack("synthwave"))
    assert score.vocal is not None
    assert len(score.vocal.notes) > 50
    assert score.lyrics == ()
    assert check_score(score, load_pack("synthwave")).passed


def test_intros_are_thinner_than_choruses() -> None:
    score = compose(full_brief("synthwave", 4), load_pack("synthwave"))

    def playing(name: str) -> int:
        section = next(s for s in reversed(score.sections) if s.name == name)
        return sum(
            any(section.start <= n.start < section.end for n in track.notes)
            for track in score.tracks
        )

    assert playing("intro") < playing("chorus")


def test_song_comes_home_at_the_end() -> None:
    for pack_id in pack_ids():
        score = compose(full_brief(pack_id, 2), load_pack(pack_id))
        assert score.chords[-1].degree == 0


def _chord_before_chorus(score: Score) -> list[int]:
    starts = [
        b.start for a, b in pairwise(score.sections) if a.name == "verse" and b.name == "chorus"
    ]
    return [score.chord_at(start - 0.5).degree for start in starts]


def test_verses_end_open_before_a_chorus() -> None:
    pack = load_pack("indie-folk")
    ends = [
        d
        for seed in range(8)
        for d in _chord_before_chorus(compose(full_brief("indie-folk", seed), pack))
    ]
    assert ends
    assert 0 not in ends


@pytest.mark.parametrize("pack_id", ["synthwave", "indie-folk", "lofi"])
def test_choruses_lie_higher_than_verses_and_hold_the_peak(pack_id: str) -> None:
    higher = 0
    for seed in range(10):
        score = compose(full_brief(pack_id, seed), load_pack(pack_id))
        assert score.vocal is not None
        sung: dict[str, list[int]] = {}
        for line in score.lyrics:
            name = score.sections[line.section].name
            sung.setdefault(name, []).extend(
                score.vocal.notes[s.note].pitch for s in line.syllables
            )
        assert mean(sung["chorus"]) > mean(sung["verse"])
        higher += max(sung["chorus"]) > max(sung["verse"])
    assert higher >= 8


def test_intro_quotes_the_chorus() -> None:
    """The hook's first moves are those of the chorus line, bent only where the chord asks."""
    agreed = []
    for seed in range(8):
        score = compose(full_brief("synthwave", seed), load_pack("synthwave"))
        hook = next(t for t in score.tracks if t.part == "hook")
        line = next(li for li in score.lyrics if score.sections[li.section].name == "chorus")
        assert score.vocal is not None
        places = [round(score.vocal.notes[s.note].start - line.start, 1) for s in line.syllables]
        opening = [round(n.start, 1) for n in hook.notes if n.start < 7.0]
        agreed.append(mean(any(abs(o - p) < 0.15 for p in places) for o in opening))
    assert mean(agreed) > 0.9


def test_some_songs_stop_before_the_chorus_and_the_band_is_silent_then() -> None:
    pack = load_pack("synthwave")
    stopped = 0
    for seed in range(12):
        score = compose(full_brief("synthwave", seed), pack)
        for choice in score.choices:
            if choice.name.startswith("stop before:") and choice.chosen == "one beat":
                stopped += 1
                name, occurrence = choice.name.split(":")[1].rsplit(" ", 1)
                section = next(
                    s for s in score.sections if (s.name, s.occurrence) == (name, int(occurrence))
                )
                drums = next(t for t in score.tracks if t.part == "drums")
                gap = (section.start - 0.9, section.start - 0.1)
                assert not [n for n in drums.notes if gap[0] < n.start < gap[1]]
    assert 0 < stopped < 30
