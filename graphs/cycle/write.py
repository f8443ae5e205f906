"""Write: the words of the song; on a revision only what failed is written anew."""

from __future__ import annotations

from agents.songwriter import Again, check_written, write_lyrics
from domain.genre import FormSection
from domain.quality import QualityReport
from domain.work import Provenance, Work, WorkStatus
from graphs.context import RunContext
from graphs.cycle.conceive import form_of
from graphs.cycle.revising import again_of, keeps, revised_by
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from services.sound import pack_of, sound_of
from services.works import Made

EARLIER_WORKS = 20


async def write(state: CycleState, context: RunContext) -> Outcome:
    """Write line by line, judge the words by code, keep them with the work."""
    house = context.house
    if keeps(state, "lyrics"):
        await house.works.grow(context.actor, state["work_id"], WorkStatus.WRITTEN, Made())
        return Outcome(update={}, says="The words stay as they were.")
    artist = await house.artists.find(context.actor, context.artist_id)
    version = await house.artists.profile(context.actor, artist.id)
    sound = sound_of(artist, version.profile)
    pack = pack_of(version.profile)
    work = await house.works.get(context.actor, state["work_id"])
    if sound.instrumental:
        await house.works.grow(context.actor, work.id, WorkStatus.WRITTEN, Made())
        return Outcome(update={}, says=f"This one has no words: {sound.unsung}.")
    revised = await revised_by(context)
    again = again_of(revised, revised.work) if revised and revised.work and work.revises else None
    earlier_lines = await _earlier_lines(context, work, again, form_of(state))
    lyrics, report = await write_lyrics(
        house.gateway,
        house.embedder,
        profile=version.profile,
        pack=pack,
        concept=work.concept,
        form_sections=form_of(state),
        seed=state["seed"],
        scope=context.scope("write"),
        earlier_lines=earlier_lines,
        previous=work.lyrics,
        failing=_failing(work),
        attempt=state["revision"],
        again=again,
    )
    checked = check_written(
        lyrics,
        report,
        profile=version.profile,
        pack=pack,
        concept=work.concept,
        earlier_lines=earlier_lines,
    )
    written = Provenance(
        part="lyrics",
        made_by=", ".join(report.models) or "kept",
        kind="trained_model",
        inputs={"prompts": ", ".join(report.prompts), "profile": version.id},
        at=house.clock.now(),
    )
    made = Made(lyrics=lyrics, reports=(checked,), provenance=(written,), choices=report.choices)
    await house.works.grow(context.actor, work.id, WorkStatus.WRITTEN, made)
    return Outcome(
        update={},
        says="I wrote: " + " / ".join(lyrics[0].lines[:2]),
        facts={"quality": checked.model_dump(mode="json")},
        report=report,
    )


async def _earlier_lines(
    context: RunContext, work: Work, again: Again | None, form: tuple[FormSection, ...]
) -> list[str]:
    """Every line of the artist's newest works besides those that this one keeps."""
    kept = set(again.kept(form).values()) if again else set()
    others = await context.house.works.of_artist(context.actor, work.artist_id, limit=EARLIER_WORKS)
    sections = [part for other in others if other.id != work.id for part in other.lyrics]
    return [line for part in sections for line in part.lines if line not in kept]


def _failing(work: Work) -> QualityReport | None:
    """Why the words are written anew: the earliest failing report that words can mend."""
    failing = {r.subject: r for r in work.reports if not r.passed}
    return next((failing[s] for s in ("lyrics", "score", "audio") if s in failing), None)
