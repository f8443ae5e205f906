"""What holds for every song, whatever is asked."""

from itertools import pairwise

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.score import BriefOverrides, MoodPoint, SongBrief
from domain.singer import Singer
from media.compose import compose
from media.lyrics.prosody import scan
from packs import load_pack, pack_ids
from tests.media.songs import full_brief

# Shrinking a whole song takes minutes and tells little more than its brief does.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
AXIS = st.sampled_from((-1.0, -0.4, 0.0, 0.7, 1.0))
SINGERS = st.sampled_from(
    (None, Singer(id="deep", name="Deep", description="low", low=41, high=60),
     Singer(id="high", name="High", description="high", low=57, high=79))
)  # fmt: skip
BRIEFS = st.builds(
    lambda pack_id, seed, mood, singer, signature, energy: full_brief(
        pack_id, seed, mood
    ).model_copy(
        update={
            "singer": singer, "signature": signature, "overrides": BriefOverrides(energy=energy)
        }
    ),
    st.sampled_from(pack_ids()), st.integers(-(2**40), 2**63),
    st.builds(MoodPoint, valence=AXIS, arousal=AXIS, dominance=AXIS), SINGERS,
    st.one_of(st.none(), st.integers(0, 2**63)), AXIS,
)  # fmt: skip


@settings(max_examples=20, deadline=None, phases=PHASES)
@given(BRIEFS)
def test_words_notes_and_bars_are_aligned(brief: SongBrief) -> None:
    score = compose(brief, load_pack(brief.pack_id))
    assert score.vocal is not None
    notes = score.vocal.notes
    for line in score.lyrics:
        assert [s.text for s in line.syllables] == [s.text for s in scan(line.text)]
        sung = [notes[s.note] for s in line.syllables]
        assert all(a.start + a.duration <= b.start + 1e-6 for a, b in pairwise(sung))
    assert all(a.start + a.duration <= b.start + 1e-6 for a, b in pairwise(notes))
    assert sum(c.duration for c in score.chords) == score.beats
    assert all(a.start + a.duration == b.start for a, b in pairwise(score.chords))
    for track in score.tracks:
        assert all(n.start < score.beats for n in track.notes)
    second = [h.note for h in score.vocal_harmony]
    assert len(second) == len(set(second))
    assert all(0 <= note < len(notes) for note in second)


@settings(max_examples=6, deadline=None, phases=PHASES)
@given(BRIEFS)
def test_same_brief_gives_the_same_song(brief: SongBrief) -> None:
    pack = load_pack(brief.pack_id)
    assert compose(brief, pack) == compose(brief, pack)
