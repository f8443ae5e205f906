"""Has the songwriter write the words of a case's concept."""

from __future__ import annotations

from agents.songwriter import write_lyrics
from domain.evaluation import Case, Output
from domain.genre import FormSection
from domain.profile import Profile
from domain.work import Concept
from evals.personas import performer
from evals.suite import Desk
from packs import load_pack

_ENERGY = {"verse": 0.5, "chorus": 0.85}


async def run(case: Case, desk: Desk) -> Output:
    """The words with the scheme and language they were written in."""
    profile = profile_of(case, desk)
    sections, report = await write_lyrics(
        desk.gateway,
        desk.embedder,
        profile=profile,
        pack=load_pack(profile.genre_pack),
        concept=concept_of(case),
        form_sections=form_of(case),
        seed=desk.seed,
        scope=desk.scope,
        book=desk.book,
    )
    scheme = next((c.chosen for c in report.choices if c.name == "lyrics.scheme"), None)
    return {
        "title": concept_of(case).title,
        "sections": [section.model_dump(mode="json") for section in sections],
        "scheme": scheme,
        "language": report.snapshot.get("language"),
    }


def profile_of(case: Case, desk: Desk) -> Profile:
    """Who writes: a named artist in place of the case's own."""
    return performer(case, desk.profile)


def concept_of(case: Case) -> Concept:
    """What the song is about."""
    return Concept.model_validate(case.input["concept"])


def form_of(case: Case) -> tuple[FormSection, ...]:
    """`verse:8,chorus:8` as sung sections of so many bars."""
    parts = [part.partition(":") for part in str(case.input["form"]).split(",")]
    return tuple(
        FormSection(name=name, bars=int(bars), energy=_ENERGY.get(name, 0.5), sung=True)
        for name, _, bars in parts
    )
