"""What code derives for a profile: numbers from meaning and seed, limits from the pack."""

from __future__ import annotations

from typing import get_args

from agents.choosing import draw, draw_by_score
from agents.meaning import cosine, likeness
from agents.profiler.drafts import Look, Register, TraitNumbers
from agents.report import Notebook
from agents.seeds import rng_for
from domain.art import ArtDirection, DisplayTypeface, Motif, Style, TextTypeface
from domain.genre import GenrePack
from domain.ports.model import Embedder
from domain.profile import MusicalRanges, PostingStyle

# Two poles a trait, after the adjective markers of Goldberg (1992), worded for musicians.
_POLES: dict[str, tuple[str, str]] = {
    "openness": ("strange, imaginative, experimental", "conventional, down to earth, traditional"),
    "conscientiousness": ("patient, precise, disciplined", "careless, chaotic, spontaneous"),
    "extraversion": ("loud, outgoing, loves crowds", "quiet, withdrawn, alone at night"),
    "agreeableness": ("warm, gentle, kind", "cold, defiant, provocative"),
    "neuroticism": ("anxious, haunted, melancholy", "calm, cheerful, carefree"),
}
_SPREAD = 2.2  # Cosine differences of poles lie within about ±0.2.
_JITTER = 0.08
_REGISTERS: dict[Register, str] = {
    "intimate": "quiet confessions, whispering to one person, alone at night",
    "plain": "ordinary working people, honest everyday talk",
    "poetic": "dreams, landscapes, myths and nature",
    "playful": "jokes, toys, mischief and irony",
    "street": "city blocks, slang, hustle and concrete",
    "formal": "ceremony, orchestra, precise and distant",
}
_STYLES: dict[Style, str] = {
    Style.NEON_HORIZON: "neon, electronic machines, night highways, retro future, synthesizers",
    Style.PAPER_LANDSCAPE: "acoustic guitar, folk, hills, rivers, forests, handmade paper",
    Style.NIGHT_WINDOW: "a small room at night, rain on the window, a desk lamp, mellow beats",
}
_FACES: dict[Style, tuple[DisplayTypeface, ...]] = {
    Style.NEON_HORIZON: (
        DisplayTypeface.UNBOUNDED,
        DisplayTypeface.SYNE,
        DisplayTypeface.SPACE_GROTESK,
        DisplayTypeface.ANTON,
    ),
    Style.PAPER_LANDSCAPE: (
        DisplayTypeface.FRAUNCES,
        DisplayTypeface.FRAUNCES_ITALIC,
        DisplayTypeface.CORMORANT,
    ),
    Style.NIGHT_WINDOW: (
        DisplayTypeface.CORMORANT_ITALIC,
        DisplayTypeface.FRAUNCES,
        DisplayTypeface.INTER,
        DisplayTypeface.JETBRAINS_MONO,
    ),
}
_TEXT_FACE: dict[Style, TextTypeface] = {
    Style.NEON_HORIZON: TextTypeface.SPACE_GROTESK,
    Style.PAPER_LANDSCAPE: TextTypeface.CORMORANT,
    Style.NIGHT_WINDOW: TextTypeface.INTER,
}


async def traits_of(brief: str, embedder: Embedder, seed: int, notes: Notebook) -> TraitNumbers:
    """Big Five from where the brief lies between two poles, with a little of the seed."""
    texts = [pole for poles in _POLES.values() for pole in poles]
    vector, *poles = await embedder.embed([brief, *texts])
    rng = rng_for(seed, "profile.traits")
    found = {}
    for place, name in enumerate(_POLES):
        high, low = poles[2 * place], poles[2 * place + 1]
        lean = cosine(vector, high) - cosine(vector, low)
        value = 0.5 + _SPREAD * lean + rng.uniform(-_JITTER, _JITTER)
        found[name] = round(min(0.95, max(0.05, value)), 2)
    notes.note(f"personality numbers come from {embedder.name} against adjective poles, and seed")
    return TraitNumbers.model_validate(found)


async def register_of(brief: str, embedder: Embedder, seed: int, notes: Notebook) -> Register:
    """The register whose description lies nearest to the brief, with some chance for others."""
    scores = await likeness(embedder, brief, {k: (v,) for k, v in _REGISTERS.items()})
    chosen = notes.chose(
        draw_by_score("profile.register", scores, seed, temperature=0.05, reason="nearest meaning")
    )
    return next(r for r in get_args(Register) if r == chosen)


async def look_of(
    brief: str, pack: GenrePack, embedder: Embedder, seed: int, notes: Notebook
) -> Look:
    """Style nearest to genre and brief, letters that go with it, motifs named by the brief."""
    text = f"{pack.name}. {pack.description} {brief}"
    scores = await likeness(embedder, text, {s.value: (_STYLES[s],) for s in Style})
    style = Style(notes.chose(draw_by_score("profile.style", scores, seed, temperature=0.03)))
    face = DisplayTypeface(
        notes.chose(draw("profile.typeface", {f.value: 1.0 for f in _FACES[style]}, seed))
    )
    near = await likeness(embedder, brief, {m.value: (m.value,) for m in Motif})
    motifs = tuple(Motif(name) for name in sorted(near, key=near.__getitem__, reverse=True)[:3])
    return Look(style=style, motifs=motifs, display_typeface=face, text_typeface=_TEXT_FACE[style])


def art_direction(look: Look, pack: GenrePack, seed: int, notes: Notebook) -> ArtDirection:
    """The look with one of the pack's palettes."""
    palettes = {" ".join(p): 1.0 for p in pack.visual.palettes}
    palette = notes.chose(draw("profile.palette", palettes, seed)).split()
    return ArtDirection(
        style=look.style,
        palette=tuple(dict.fromkeys(palette)),
        motifs=tuple(dict.fromkeys(look.motifs)),
        display_typeface=look.display_typeface,
        text_typeface=look.text_typeface,
    )


def music_of(pack: GenrePack, traits: TraitNumbers, seed: int, notes: Notebook) -> MusicalRanges:
    """A part of the pack's ranges: livelier people play faster, and each has keys of their own."""
    rng = rng_for(seed, "profile.music")
    low, high = pack.tempo_bpm.low, pack.tempo_bpm.high
    width = (high - low) * 0.6
    start = low + (high - low - width) * traits.extraversion
    lively = 0.15 * (traits.extraversion - 0.5)
    notes.note("tempo, keys and energy are a part of the pack's, by extraversion and seed")
    return MusicalRanges(
        tempo_bpm=(round(start), round(start + width)),
        keys=tuple(sorted(rng.sample(pack.keys, min(4, len(pack.keys))))),
        modes=tuple(pack.modes),
        energy=(round(0.25 + lively, 2), round(0.85 + lively, 2)),
        forms=tuple(form.id for form in pack.forms),
    )


def posting_of(pack: GenrePack, tone: str) -> PostingStyle:
    """The pack's habits; emoji and hashtags stay off until an operator wants them."""
    return PostingStyle(tone=tone[:80], posts_per_week=min(21.0, pack.posting.posts_per_week))
