"""Drums and risers: rolls, fills and what announces a section."""

from random import Random

from domain.genre import DRUMS, FormSection, GenrePack, Groove, Role, Voice
from domain.score import BriefOverrides, Note, Score
from media.compose import compose
from media.compose.arrange.grooves import VARIATIONS, varied
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
    drums = pack.roles["drums"].model_copy(update={"enters_at": 0.0, "rests_in": ()})
    roles = {**pack.roles, "drums": drums}
    return pack.model_copy(update={"grooves": (groove,), "roles": roles})


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


DRAMA = (
    FormSection(name="build", bars=4, energy=0.6),
    FormSection(name="chorus", bars=4, energy=0.95, sung=True),
    FormSection(name="breakdown", bars=4, energy=0.6),
    FormSection(name="chorus", bars=4, energy=0.95, sung=True),
)


def _drama() -> Score:
    pack = load_pack("synthwave")
    brief = full_brief(pack.id, 2).model_copy(update={"overrides": BriefOverrides(form=DRAMA)})
    return compose(brief, pack)


def test_build_rolls_up_to_what_it_builds() -> None:
    score = _drama()
    early, late = _hits(score, "snare", 8, 12), _hits(score, "snare", 12, 15.4)
    assert len(late) > len(early) > len(_hits(score, "snare", 0, 4))
    last = sorted(late, key=lambda n: n.start)
    assert last[-1].velocity > last[0].velocity


def test_breakdown_drops_the_weight_and_takes_it_up_again() -> None:
    score = _drama()
    start = score.sections[2].start
    assert _hits(score, "kick", start, start + 8) == []
    assert _hits(score, "kick", start + 8, start + 14)
    assert _hits(score, "kick", start - 16, start - 8)


def test_groove_variations_keep_the_backbeat() -> None:
    for groove in load_pack("synthwave").grooves:
        for how in VARIATIONS:
            changed = varied(groove, how, Random(3))
            for level in ("main", "full"):
                before, after = getattr(groove, level), getattr(changed, level)
                loud = [i for i, symbol in enumerate(before.get("snare", "")) if symbol == "X"]
                assert all(after["snare"][i] == "X" for i in loud)
                assert {d: len(p) for d, p in after.items()} == {
                    d: len(p) for d, p in before.items()
                }
