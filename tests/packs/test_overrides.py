import pytest

from domain.errors import InvalidInput
from packs import load_pack, overridden
from packs.overrides import Override

PACK = load_pack("synthwave")


def test_no_overrides_change_nothing() -> None:
    assert overridden(PACK, {}) is PACK


def test_values_are_replaced_and_the_rest_stays() -> None:
    own = overridden(
        PACK,
        {
            "mix.reverb_s": 3.0,
            "tempo_bpm.low": 100,
            "roles.bass.level_lufs": -19,
            "modes.dorian": 0.9,
            "forms.drive.weight": 4,
            "roles.drums.effects.0.settings.hz": 40,
            "roles.bass.voices.saw-bass.weight": 3.5,
            "vocal.sung": False,
        },
    )
    assert own.mix.reverb_s == 3.0
    assert own.tempo_bpm.low == 100
    assert own.tempo_bpm.high == PACK.tempo_bpm.high
    assert own.roles["bass"].level_lufs == -19
    assert own.roles["bass"].voices[0].weight == 3.5
    assert own.modes["dorian"] == 0.9
    assert next(f for f in own.forms if f.id == "drive").weight == 4
    assert own.roles["drums"].effects[0].settings["hz"] == 40
    assert not own.vocal.sung
    assert own.roles["pad"] == PACK.roles["pad"]
    assert PACK.mix.reverb_s != 3.0, "the pack itself was changed"


def test_both_ends_of_a_range_may_move_past_the_old_ones() -> None:
    own = overridden(PACK, {"tempo_bpm.low": 130, "tempo_bpm.high": 140})
    assert (own.tempo_bpm.low, own.tempo_bpm.high) == (130, 140)


@pytest.mark.parametrize(
    ("path", "value", "hint"),
    [
        ("mix.reverbs", 3.0, "reverb_s"),
        ("mixx.reverb_s", 3.0, "roles"),
        ("mix.reverb_s", 99.0, "docs/genre-packs.md"),
        ("mix.reverb_s", "long", "docs/genre-packs.md"),
        ("mix.reverb_s.more", 1.0, "end the path"),
        ("tempo_bpm.low", 210, "docs/genre-packs.md"),
        ("roles.tuba.pan", 0.1, "bass"),
        ("roles.bass.effects.9.settings.hz", 40, "0, 1"),
        ("forms.parade.weight", 2.0, "drive"),
        ("id", "mywave", "contains"),
        ("version", 7, "contains"),
        ("", 1, "tempo_bpm"),
    ],
)
def test_what_leads_nowhere_is_named_with_a_way_out(path: str, value: Override, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        overridden(PACK, {"mix.glue_ratio": 1.5, path: value})
    assert caught.value.field == f"genre_overrides.{path}"
    assert hint in (caught.value.remedy or "")
