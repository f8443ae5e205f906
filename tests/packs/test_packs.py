import re
from pathlib import Path
from typing import get_args

import pytest

from domain.errors import InvalidInput
from domain.genre import DRUMS, KEYS, GenrePack, MixTargets, Mode, Part, Role, VocalStyle
from media.compose import compose
from media.effects.chain import EFFECTS, Context, run_chain
from media.gates.ranges import DEFAULTS
from media.gates.score import check_score
from media.synth.bank import PATCHES
from media.synth.drums import KITS
from media.theory import parse_roman
from packs import SOUND_FONT, load_pack, pack_ids, read_pack
from tests.media.songs import full_brief
from tests.media.tones import RATE, noise


def test_eight_genres_at_least() -> None:
    assert {
        "ambient", "house", "indie-folk", "lofi", "pop-ballad", "post-rock", "synthwave", "trap",
    } <= set(pack_ids())  # fmt: skip


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
    broken.write_text(re.sub(r"version: \d+", "version: none", text))
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
    wanted = pack.gates.ranges.get("song_length", DEFAULTS["song_length"])
    assert wanted.low is not None
    assert wanted.high is not None
    for form in pack.forms:
        assert form.bars * 240 / pack.tempo_bpm.high >= wanted.low, form.id
        assert form.bars * 240 / pack.tempo_bpm.low <= wanted.high, form.id
        assert any(section.sung for section in form.sections)


@pytest.mark.parametrize("pack_id", pack_ids())
def test_a_pack_asks_only_for_what_exists(pack_id: str) -> None:
    pack = load_pack(pack_id)
    voices = [v for role in pack.roles.values() for v in role.voices]
    assert {v.patch for v in voices if v.engine == "synth"} <= set(PATCHES) | set(KITS)
    for role in pack.roles.values():
        kits = {v.patch in KITS for v in role.voices if v.engine == "synth"}
        assert kits <= {role.part == "drums"}
    assert all(v.high - v.low >= 12 for v in voices)
    assert set(pack.gates.ranges) | set(pack.gates.not_applicable) <= set(DEFAULTS)
    assert pack.vocal_range[1] - pack.vocal_range[0] <= 19


@pytest.mark.parametrize("pack_id", pack_ids())
def test_every_effect_takes_its_settings(pack_id: str) -> None:
    pack = load_pack(pack_id)
    sound = noise(0.05)
    for specs in (pack.mix.bus_effects, *(role.effects for role in pack.roles.values())):
        assert run_chain(sound, specs, Context(RATE, 100.0, 1)).shape == sound.shape


@pytest.mark.parametrize("pack_id", pack_ids())
def test_sections_named_anywhere_are_in_a_form(pack_id: str) -> None:
    pack = load_pack(pack_id)
    sections = {section.name for form in pack.forms for section in form.sections}
    named = {name for r in pack.roles.values() for name in (*r.rests_in, *r.plays_in)}
    named |= {*pack.vocal.doubles_in, *pack.vocal.harmonies_in}
    named |= set(pack.progressions) - {"default"}
    assert named <= sections


@pytest.mark.parametrize("pack_id", pack_ids())
def test_a_pack_has_room_for_many_songs(pack_id: str) -> None:
    pack = load_pack(pack_id)
    assert len(pack.forms) >= 3
    assert len(pack.grooves) >= 3
    assert all(len(groove.fills) >= 2 for groove in pack.grooves)
    for section in ("verse", "chorus"):
        for mode in pack.modes:
            assert len([p for p in pack.progressions_for(section) if mode in p.modes]) >= 2


@pytest.mark.parametrize("pack_id", pack_ids())
def test_the_words_of_a_genre_are_none_of_its_worn_phrases(pack_id: str) -> None:
    words = load_pack(pack_id).lexicon
    liked = [w.casefold() for w in (*words.nouns, *words.verbs, *words.adjectives)]
    assert not {p.casefold() for p in words.avoid} & set(liked)
    for kind in (words.nouns, words.verbs, words.adjectives):
        assert len(set(kind)) == len(kind)
    assert words.syllables_per_line[0] < words.syllables_per_line[1]
    assert sum(words.rhyme_schemes.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("pack_id", pack_ids())
@pytest.mark.parametrize("seed", range(1, 6))
def test_songs_of_a_pack_pass_the_score_gates(pack_id: str, seed: int) -> None:
    pack = load_pack(pack_id)
    report = check_score(compose(full_brief(pack_id, seed), pack), pack)
    assert not [f"{g.gate}: {g.reason}" for g in report.gates if g.verdict == "fail"]


def test_the_guide_names_every_pack_part_drum_and_effect() -> None:
    guide = (SOUND_FONT.parents[2] / "docs" / "genre-packs.md").read_text()
    fields = {
        name for model in (GenrePack, Role, MixTargets, VocalStyle) for name in model.model_fields
    }
    for name in (*pack_ids(), *get_args(Part), *DRUMS, *EFFECTS, *get_args(Mode), *fields):
        assert re.search(rf"\b{name}\b", guide), f"{name} is not explained"
