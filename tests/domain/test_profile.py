from __future__ import annotations

from typing import Any

import pytest

from domain.errors import ProfileContradiction
from domain.profile import Member, Profile, check_profile, contradictions
from tests.store import nouns

VALID = nouns.profile().profile


def with_changes(**changes: Any) -> Profile:
    """The valid profile with dotted fields changed, validated anew."""
    data = VALID.model_dump(by_alias=True)
    for path, value in changes.items():
        *outer, name = path.split("__")
        place = data
        for part in outer:
            place = place[part]
        place[name] = value
    return Profile.model_validate(data)


def members(*weights: float) -> list[dict[str, Any]]:
    return [Member(name=f"m{n}", weight=w).model_dump() for n, w in enumerate(weights)]


RULES: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    (
        {"influences": ["Glass organs"], "personality__anti_influences": [" glass ORGANS"]},
        ("influences", "personality.anti_influences"),
        "glass organs",
    ),
    (
        {"themes": ["War", "trains"], "personality__taboos": ["war"]},
        ("themes", "personality.taboos"),
        "war",
    ),
    (
        {"personality__values": ["revenge"], "personality__taboos": ["Revenge"]},
        ("personality.values", "personality.taboos"),
        "revenge",
    ),
    (
        {"voice__vocabulary": ["rails"], "voice__avoided_words": ["Rails"]},
        ("voice.vocabulary", "voice.avoided_words"),
        "rails",
    ),
    (
        {"voice__sample_lines": ["Oh Baby, come home"], "voice__avoided_words": ["baby"]},
        ("voice.sample_lines", "voice.avoided_words"),
        "baby",
    ),
    (
        {"voice__sample_lines": ["Sweet revenge."], "personality__taboos": ["revenge"]},
        ("voice.sample_lines", "personality.taboos"),
        "revenge",
    ),
    (
        {"posting__emoji": "often", "voice__register": "formal"},
        ("posting.emoji", "voice.register"),
        "emoji",
    ),
    ({"music__tempo_bpm": (120, 80)}, ("music.tempo_bpm",), "120 down to 80"),
    ({"music__energy": (0.9, 0.2)}, ("music.energy",), "0.9 down to 0.2"),
    ({"music__tempo_bpm": (10, 80)}, ("music.tempo_bpm",), "30 and 300"),
    ({"music__tempo_bpm": (80, 400)}, ("music.tempo_bpm",), "30 and 300"),
    ({"themes": []}, ("themes",), "no theme"),
    ({"languages": []}, ("languages",), "no language"),
    ({"members": members(1.0)}, ("kind", "members"), "solo"),
    ({"kind": "duo", "members": members(1.0)}, ("kind", "members"), "duo"),
    ({"kind": "group", "members": members(0.5, 0.5)}, ("kind", "members"), "group"),
    ({"kind": "duo", "members": members(0.5, 0.4)}, ("members",), "sum to 1"),
]


@pytest.mark.parametrize(("changes", "fields", "says"), RULES)
def test_each_contradiction_names_its_fields_and_reason(
    changes: dict[str, Any], fields: tuple[str, ...], says: str
) -> None:
    (found,) = contradictions(with_changes(**changes))
    assert found.fields == fields
    assert says in found.reason


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kind": "duo", "members": members(0.3, 0.7)},
        {"kind": "group", "members": members(0.1, 0.2, 0.7)},
        {"voice__sample_lines": ["My heart is a starting gun"], "voice__avoided_words": ["art"]},
        {"voice__sample_lines": ["A fine line"], "personality__taboos": ["in"]},
        {"voice__sample_lines": ["left", "over"], "voice__avoided_words": ["left over"]},
        {"voice__avoided_words": [" "], "voice__sample_lines": ["a b"]},
    ],
)
def test_a_consistent_profile_has_no_contradiction(changes: dict[str, Any]) -> None:
    profile = with_changes(**changes)
    assert contradictions(profile) == []
    assert check_profile(profile) is profile


def test_all_contradictions_are_told_at_once() -> None:
    torn = with_changes(themes=[], music__tempo_bpm=(120, 80), languages=[])
    with pytest.raises(ProfileContradiction) as refused:
        check_profile(torn)
    assert refused.value.field == "languages, music.tempo_bpm, themes"
    assert len(refused.value.facts["contradictions"]) == 3
    assert refused.value.remedy


def test_a_tempo_that_is_no_number_is_named() -> None:
    strange = VALID.music.model_copy(update={"tempo_bpm": (float("nan"), 90.0)})
    (found,) = contradictions(VALID.model_copy(update={"music": strange}))
    assert found.fields == ("music.tempo_bpm",)


def test_a_profile_survives_its_json_form() -> None:
    assert Profile.model_validate_json(VALID.model_dump_json(by_alias=True)) == VALID
