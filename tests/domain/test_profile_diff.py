from __future__ import annotations

from domain.profile_diff import Difference, differences
from tests.store import nouns


def test_fields_are_named_by_their_path_and_lists_count_as_one() -> None:
    old = nouns.profile().profile
    voice = old.voice.model_copy(update={"register_": "poetic", "vocabulary": ("rails", "salt")})
    new = old.model_copy(
        update={"voice": voice, "themes": ("sea",), "genre_overrides": {"swing": 0.3}}
    )
    assert differences(old, new) == [
        Difference(field="voice.register", before="plain", after="poetic"),
        Difference(field="voice.vocabulary", before=["rails"], after=["rails", "salt"]),
        Difference(field="genre_overrides.swing", before=0.2, after=0.3),
        Difference(field="genre_overrides.brushes", before=True, after=None),
        Difference(field="genre_overrides.strings", before="none", after=None),
        Difference(field="themes", before=["trains"], after=["sea"]),
    ]


def test_the_same_profile_has_none() -> None:
    assert differences(nouns.profile().profile, nouns.profile(2).profile) == []
