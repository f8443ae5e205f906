"""The one way to a profile, whatever the model: draft, assemble, mend, check."""

from __future__ import annotations

from agents.desk import Desk
from agents.profiler.derive import art_direction, music_of, posting_of
from agents.profiler.drafts import Draft
from agents.profiler.mend import mended
from agents.profiler.small import draft_small
from agents.profiler.strong import draft_strong
from agents.report import Notebook, Report
from domain.artist import check_brief
from domain.genre import GenrePack
from domain.ports.model import CallScope, Embedder, ModelGateway
from domain.profile import Personality, Profile, Voice, check_profile
from prompts import SHIPPED, PromptBook

BRIEF_SHOWN_CHARS = 600  # A small model loses the thread beyond a few sentences.


async def write_profile(
    gateway: ModelGateway,
    embedder: Embedder,
    *,
    brief: str,
    pack: GenrePack,
    seed: int,
    scope: CallScope,
    taken_names: tuple[str, ...] = (),
    book: PromptBook = SHIPPED,
) -> tuple[Profile, Report]:
    """A whole, consistent profile for `brief`.

    Raises `InvalidInput` for a bad brief, `UnusableAnswer` when code refuses everything the
    model says, `ProfileContradiction` when mending does not help. Autonomy, limits, genre and
    colours never come from the model.
    """
    brief = check_brief(brief)
    notes = Notebook("profiler", {"brief": brief, "genre_pack": pack.id, "seed": seed})
    desk = Desk(gateway, scope, seed, notes, book)
    if await desk.is_small():
        shown = brief[:BRIEF_SHOWN_CHARS]
        draft: Draft = await draft_small(desk, shown, pack, embedder, taken_names)
    else:
        draft = await draft_strong(desk, brief, pack, taken_names)
    profile = check_profile(mended(_assembled(draft, pack, seed, notes), notes))
    return profile, notes.close()


def _assembled(draft: Draft, pack: GenrePack, seed: int, notes: Notebook) -> Profile:
    return Profile(
        stage_name=draft.stage_name,
        biography=draft.biography,
        voice=Voice(
            register_=draft.register_,
            vocabulary=draft.vocabulary,
            avoided_words=draft.avoided_words,
            sample_lines=draft.sample_lines,
        ),
        personality=Personality(
            **draft.traits.model_dump(),
            values=draft.values,
            quirks=draft.quirks,
            taboos=draft.taboos,
            anti_influences=draft.anti_influences,
        ),
        influences=draft.influences,
        genre_pack=pack.id,
        genre_pack_version=pack.version,
        music=music_of(pack, draft.traits, seed, notes),
        themes=draft.themes,
        audience=draft.audience,
        visual=art_direction(draft.look, pack, seed, notes),
        posting=posting_of(pack, draft.posting_tone),
    )
