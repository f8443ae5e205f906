import pytest
from pydantic import ValidationError

from domain.genre import GenrePack, Range, Voice, check_pattern
from packs import load_pack


def _altered(**changes: object) -> dict[str, object]:
    return {**load_pack("synthwave").model_dump(), **changes}


def test_pattern_with_unknown_symbol_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"Z.*allowed"):
        check_pattern("bass", "R...Z...R.......")


def test_pattern_of_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="7 steps"):
        check_pattern("drums", "x.x.x.x")


def test_range_must_be_ordered() -> None:
    with pytest.raises(ValidationError, match="above high"):
        Range(low=2, high=1)


def test_synth_voice_needs_a_patch() -> None:
    with pytest.raises(ValidationError, match="needs a patch"):
        Voice(id="x", engine="synth", program=1, low=40, high=60)


def test_pack_without_progression_for_a_mode_is_refused() -> None:
    with pytest.raises(ValidationError, match="no progression for"):
        GenrePack.model_validate(_altered(modes={"lydian": 1.0}))


def test_pack_without_cadence_is_refused() -> None:
    with pytest.raises(ValidationError, match="no cadence"):
        GenrePack.model_validate(_altered(cadence={}))


def test_pack_with_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="unknown keys"):
        GenrePack.model_validate(_altered(keys=("H",)))


def test_pack_without_a_voice_is_refused() -> None:
    roles = {k: v for k, v in load_pack("synthwave").roles.items() if v.part != "vocal"}
    with pytest.raises(ValidationError, match="vocal"):
        GenrePack.model_validate(_altered(roles=roles))


def test_sections_without_progressions_of_their_own_use_the_default() -> None:
    pack = load_pack("synthwave")
    assert pack.progressions_for("solo") == pack.progressions["default"]
    assert pack.progressions_for("chorus") == pack.progressions["chorus"]
