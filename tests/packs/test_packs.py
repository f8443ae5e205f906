from pathlib import Path

import pytest

from domain.errors import InvalidInput
from domain.genre import KEYS
from media.effects.chain import EFFECTS
from media.gates.ranges import DEFAULTS
from media.synth.bank import PATCHES
from media.synth.drums import KITS
from media.theory import parse_roman
from packs import SOUND_FONT, load_pack, pack_ids, read_pack

SONG_SECONDS = (75, 150)


def test_three_genres_at_least() -> None:
    assert {"synthwave", "indie-folk", "lofi"} <= set(pack_ids())


def test_sound_font_ships_with_its_licence() -> None:
    assert SOUND_FONT.read_bytes()[:4] == b"RIFF"
    assert "MIT" in (SOUND_FONT.parent / "FluidR3Mono_LICENSE.md").read_text()


def test_unknown_genre_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        load_pack("polka")
    assert caught.value.field == "genre"
    assert "synthwave" in (caught.value.remedy or "")


def test_path_in_a_name_is_no_pack() -> None:
    with pytest.raises(InvalidInput):
        load_pack("../genres/lofi")


def test_broken_pack_names_its_field(tmp_path: Path) -> None:
    text = (SOUND_FONT.parent.parent / "genres" / "lofi.yaml").read_text()
    broken = tmp_path / "lofi.yaml"
    broken.write_text(text.replace("version: 1", "version: none"))
    with pytest.raises(InvalidInput) as caught:
        read_pack(broken)
    assert caught.value.field == "version"


def test_pack_file_must_bear_its_id(tmp_path: Path) -> None:
    text = (SOUND_FONT.parent.parent / "genres" / "lofi.yaml").read_text()
    other = tmp_path / "jazz.yaml"
    other.write_text(text)
    with pytest.raises(InvalidInput, match="calls itself"):
        read_pack(other)


@pytest.mark.parametrize("pack_id", pack_ids())
def test_every_chord_of_a_pack_can_be_read_in_every_key(pack_id: str) -> None:
    pack = load_pack(pack_id)
    for options in pack.progressions.values():
        for progression in options:
            for mode in progression.modes:
                for bar in (*progression.bars, *pack.cadence[mode]):
                    assert all(parse_roman(n, key, mode) for n in bar.split() for key in KEYS)


@pytest.mark.parametrize("pack_id", pack_ids())
def test_every_form_lasts_as_long_as_a_song(pack_id: str) -> None:
    pack = load_pack(pack_id)
    for form in pack.forms:
        assert form.bars * 240 / pack.tempo_bpm.high >= SONG_SECONDS[0], form.id
        assert form.bars * 240 / pack.tempo_bpm.low <= SONG_SECONDS[1], form.id
        assert any(section.sung for section in form.sections)


@pytest.mark.parametrize("pack_id", pack_ids())
def test_a_pack_asks_only_for_what_exists(pack_id: str) -> None:
    pack = load_pack(pack_id)
    specs = [*pack.mix.bus_effects, *(e for r in pack.roles.values() for e in r.effects)]
    assert {spec.effect for spec in specs} <= set(EFFECTS)
    voices = [v for role in pack.roles.values() for v in role.voices]
    assert {v.patch for v in voices if v.engine == "synth"} <= set(PATCHES) | set(KITS)
    assert set(pack.gates.ranges) <= set(DEFAULTS)
    assert pack.vocal_range[1] - pack.vocal_range[0] <= 19
