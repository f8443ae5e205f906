"""Conceive: what the next song is about, and its form."""

from __future__ import annotations

from pydantic import JsonValue

from agents.choosing import draw
from agents.songwriter.conceive import conceive as conceive_song
from domain.adaptation import Scope, drawing_weights
from domain.choice import CreativeChoice
from domain.genre import FormSection, GenrePack
from domain.profile import Profile
from domain.work import Work, WorkStatus
from graphs.context import RunContext
from graphs.cycle.revising import form_again, keeps, revised_by, wish_of
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from services.experiments import Assigned, Song
from services.revisions import Revised
from services.sound import own_forms, pack_of
from services.works import Made

EARLIER = 30
FORM = "form"
FORM_CHOICE = f"choice.{FORM}"


async def conceive(state: CycleState, context: RunContext) -> Outcome:
    """Find a concept unlike the artist's earlier ones, choose a form, begin the work.

    A version of a rejected song keeps its concept and form, unless all of it was sent back.
    """
    house = context.house
    revised = await revised_by(context)
    if revised is not None and revised.work is not None and keeps(state, "concept"):
        return await _kept(revised, revised.work, state, context)
    artist = await house.artists.find(context.actor, context.artist_id)
    profile = (await house.artists.profile(context.actor, artist.id)).profile
    pack = pack_of(profile)
    earlier = await house.works.of_artist(context.actor, artist.id, limit=EARLIER)
    concept, report = await conceive_song(
        house.gateway,
        profile=profile,
        pack=pack,
        mood=artist.mood.decayed(house.clock.now()),
        seed=state["seed"],
        scope=context.scope("conceive"),
        earlier=tuple(w.concept for w in earlier if w.id != state["work_id"]),
        wish=wish_of(revised) if revised else state.get("subject", ""),
    )
    learnt = await house.adaptations.value(
        context.actor, FORM_CHOICE, Scope(artist_id=artist.id, genre=pack.id)
    )
    assigned = None
    if house.rules.forced_form is None:
        song = Song(artist.id, pack.id, state["work_id"], context.run.id)
        usual = drawing_weights({f.id: f.weight for f in own_forms(pack, profile)}, learnt)
        assigned = await house.experiments.assign(context.actor, FORM_CHOICE, song, usual)
    form, choice = chosen_form(
        pack, profile, state["seed"], house.rules.forced_form, learnt, assigned
    )
    work = await house.works.conceive(
        context.actor, state["work_id"], artist.id, context.run.id, concept, state["seed"]
    )
    if work.status is WorkStatus.CONCEIVED:
        await house.works.grow(
            context.actor, work.id, WorkStatus.CONCEIVED, Made(choices=(choice, *report.choices))
        )
    sections = [section.model_dump() for section in form]
    return Outcome(
        update={"form": sections},
        says=f"A song called “{work.concept.title}”: {work.concept.story}",
        facts={
            "concept": work.concept.model_dump(),
            "form": choice.model_dump(),
            "sections": sections,
        },
        report=report,
    )


async def _kept(revised: Revised, before: Work, state: CycleState, context: RunContext) -> Outcome:
    """Begin another version of a rejected song with all that nobody complained about."""
    sections = [s.model_dump() for s in await form_again(revised, before, context)]
    work = await context.house.works.carry(
        context.actor, state["work_id"], context.run.id, before, state["keeps"]
    )
    return Outcome(
        update={"form": sections},
        says=f"It is still “{work.title}”: {work.concept.story}",
        facts={
            "concept": work.concept.model_dump(),
            "sections": sections,
            "revises": before.id,
            "keeps": state["keeps"],
        },
    )


def chosen_form(
    pack: GenrePack,
    profile: Profile,
    seed: int,
    forced: tuple[FormSection, ...] | None,
    learnt: JsonValue = None,
    assigned: Assigned | None = None,
) -> tuple[tuple[FormSection, ...], CreativeChoice]:
    """A form of the pack, among the profile's own where it names some, by what was learnt.

    Where an experiment decides, its arm is drawn from; the chances written down are those before
    the arm was known, for the arm was drawn as well.
    """
    if forced is not None:
        name = ", ".join(f"{s.name}:{s.bars}" for s in forced)
        return forced, CreativeChoice(
            name="form", options=(name,), probabilities=(1.0,), chosen=name, seed=seed
        )
    own = own_forms(pack, profile)
    weights = drawing_weights({f.id: f.weight for f in own}, learnt)
    choice = draw(FORM, weights, seed, "by what was learnt" if learnt is not None else "")
    if assigned is not None:
        why = f"{assigned.experiment} tries {assigned.arm}"
        drawn = draw(FORM, assigned.weights, seed, why)
        before = tuple(assigned.chances[option] for option in drawn.options)
        choice = drawn.model_copy(update={"probabilities": before})
    return next(f for f in own if f.id == choice.chosen).sections, choice


def form_of(state: CycleState) -> tuple[FormSection, ...]:
    """The form as the state carries it."""
    return tuple(FormSection.model_validate(section) for section in state["form"])
