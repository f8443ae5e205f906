"""Drums and risers: rolls, fills and what announces a section."""

from domain.genre import DRUMS, FormSection, GenrePack, Groove, Role, Voice
from domain.score import BriefOverrides, Note, Score
from media.compose import compose
from packs import load_pack
from tests.media.songs import full_brief

LIFT = (
    FormSection(name="verse", bars=4, energy=0.4, sung=True),
    FormSection(name="chorus", bars=4, energy=0.95, sung=True),
    FormSection(name="outro", bars=4, energy=0.9),
)


def _score(pack: GenrePack) -> Score:
    brief = full_brief(pack.id, 2).model_copy(update={"overrides": BriefOverrides(form=LIFT)})
    return compose(brief, pack)


def _hits(score: Score, drum: str, start: float, end: float) -> list[Note]:
    track = next(t for t in score.tracks if t.part == "drums")
    return [n for n in track.notes if n.pitch == DRUMS[drum] and start - 0.1 <= n.start < end - 0.1]


def _with_groove(pack: GenrePack, hat: str) -> GenrePack:
    pattern = {"hat": hat}
    fill = {"snare": "................"}
    groove = Groove(id="test", light=pattern, main=pattern, full=pattern, fills=(fill,))
    return pack.model_copy(update={"grooves": (groove,)})


def test_rolls_put_two_and_three_hits_into_a_step() -> None:
    pack = load_pack("synthwave")
    plain = _hits(_score(_with_groove(pack, "x...x...x...x...")), "hat", 16, 20)
    rolled = _hits(_score(_with_groove(pack, "r...t...x...x...")), "hat", 16, 20)
    assert len(plain) == 4
    assert len(rolled) == 7
    assert max(n.start for n in rolled[:5]) < 17.3


def _with_riser(pack: GenrePack) -> GenrePack:
    voice = Voice(id="up", engine="synth", patch="noise_riser", program=97, low=48, high=72)
    role = Role(part="riser", voices=(voice,), level_lufs=-26, rests_in=("intro",))
    return pack.model_copy(update={"roles": {**pack.roles, "riser": role}})


def test_riser_sounds_before_the_lift_and_nowhere_else() -> None:
    score = _score(_with_riser(load_pack("lofi")))
    track = next(t for t in score.tracks if t.part == "riser")
    assert len(track.notes) == 1
    note = track.notes[0]
    chorus = score.sections[1]
    assert abs(note.start + note.duration - chorus.start) < 0.1
    assert note.duration in (4.0, 8.0)
    assert note.pitch % 12 == score.chord_at(chorus.start).pitch_classes[0]
