"""Artists that exist for evaluation only: the same six whatever the label's own artists become."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from domain.art import ArtDirection, DisplayTypeface, Style, TextTypeface
from domain.errors import InvalidInput
from domain.evaluation import Case
from domain.profile import MusicalRanges, Personality, PostingStyle, Profile, Voice
from packs import load_pack

FILE = Path(__file__).with_name("personas.yaml")
_LOOK = ArtDirection(
    style=Style.NIGHT_WINDOW,
    palette=("#0b1020", "#c7a46b", "#f2efe6"),
    display_typeface=DisplayTypeface.FRAUNCES,
    text_typeface=TextTypeface.INTER,
)


def persona(name: str) -> Profile:
    """One of them by name."""
    known = _read()
    if name not in known:
        raise InvalidInput(
            f"no artist for evaluation is called {name!r}",
            field="artist",
            remedy=f"Choose from: {', '.join(known)}.",
        )
    return _profile(known[name])


def performer(case: Case, named: Profile | None) -> Profile:
    """Who answers a case: a named artist, the one it was taken from, or one of these six."""
    if named is not None:
        return named
    if "profile" in case.input:
        return Profile.model_validate(case.input["profile"])
    return persona(str(case.input["artist"]))


@cache
def _read() -> dict[str, dict[str, Any]]:
    held: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return held


def _profile(held: dict[str, Any]) -> Profile:
    tempo = load_pack(held["genre"]).tempo_bpm
    return Profile(
        stage_name=held["stage_name"],
        biography=held["biography"],
        voice=Voice(
            register_=held["register"],
            vocabulary=held["vocabulary"],
            avoided_words=held["avoided"],
        ),
        personality=Personality(
            openness=0.6,
            conscientiousness=0.6,
            extraversion=0.4,
            agreeableness=0.6,
            neuroticism=0.4,
            taboos=held["taboos"],
        ),
        genre_pack=held["genre"],
        music=MusicalRanges(tempo_bpm=(tempo.low, tempo.high)),
        themes=held["themes"],
        visual=_LOOK,
        posting=PostingStyle(tone=held["tone"]),
    )
