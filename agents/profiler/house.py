"""The profile of nobody in particular, for songs that no artist of the label makes."""

from __future__ import annotations

from agents.profiler.derive import art_direction, music_of, posting_of
from agents.profiler.drafts import Look, TraitNumbers
from agents.report import Notebook
from domain.art import DisplayTypeface, Style, TextTypeface
from domain.genre import GenrePack
from domain.profile import Personality, Profile, Voice

NAME = "Greenroom"
THEME_CHARS = 80


def house_profile(pack: GenrePack, brief: str, seed: int) -> Profile:
    """Even traits and the pack's own habits; the brief, where there is one, is the only theme."""
    notes = Notebook("profiler.house", {"pack": pack.id, "seed": seed})
    traits = TraitNumbers(
        openness=0.5,
        conscientiousness=0.5,
        extraversion=0.5,
        agreeableness=0.5,
        neuroticism=0.5,
    )
    look = Look(
        style=Style.PAPER_LANDSCAPE,
        motifs=(),
        display_typeface=DisplayTypeface.FRAUNCES,
        text_typeface=TextTypeface.INTER,
    )
    theme = " ".join(brief.split())[:THEME_CHARS].rstrip()
    return Profile(
        stage_name=NAME,
        biography=brief or pack.description,
        voice=Voice(register_="plain"),
        personality=Personality(**traits.model_dump()),
        genre_pack=pack.id,
        genre_pack_version=pack.version,
        music=music_of(pack, traits, seed, notes),
        themes=(theme,) if theme else pack.posting.themes,
        visual=art_direction(look, pack, seed, notes),
        posting=posting_of(pack, pack.posting.voice),
    )
