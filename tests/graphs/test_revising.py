"""A run that was asked for: prompts hear the reasons, and what nobody minded stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.approval import Approval, RejectReason
from domain.genre import FormSection
from domain.ids import new_id
from domain.post import Payload
from domain.quality import QualityReport, within
from domain.run import Run
from domain.work import Work, WorkStatus
from graphs.context import RunContext
from graphs.cycle.announce import announce, update
from graphs.cycle.compose import compose
from graphs.cycle.conceive import conceive
from graphs.cycle.critique import critique
from graphs.cycle.package import package
from graphs.cycle.perceive import perceive
from graphs.cycle.plan import plan
from graphs.cycle.remember import remember
from graphs.cycle.render import render
from graphs.cycle.state import CycleState
from graphs.cycle.submit import submit
from graphs.cycle.write import write
from services.works import Made
from tests.agents.house import House as ScriptedHouse
from tests.graphs.build import context_of, house_of
from tests.services.build import artist, song
from tests.support import label as play
from tests.support.label import LYRICS, TestLabel

FORM = [
    FormSection(name=part.section, bars=2 * len(part.lines), energy=0.5, sung=True)
    for part in LYRICS
]
SAID = "Keep the chorus. The verses show too much rain."


async def rejected(label: TestLabel, *reasons: RejectReason, said: str = SAID) -> Run:
    """The run that was begun because a song was sent back."""
    who = await artist(label)
    run = await play.cycle(label, who)
    sections = {"says": "", "sections": [section.model_dump() for section in FORM]}
    await play.step(label, run, "conceive", "", report=sections)
    approval = await play.ask(label, run, await song(label, run, "Salt"), "Salt is out.")
    return await again(label, approval, *reasons, said=said)


async def again(label: TestLabel, approval: Approval, *reasons: RejectReason, said: str) -> Run:
    begun = await label.revisions.ask(OPERATOR, approval.id, reasons=reasons, comment=said)
    return await label.runs.begin(SYSTEM, begun.id)


async def taken(state: CycleState, context: RunContext, *nodes: Any) -> CycleState:
    """The state after these steps; each is taken twice, as after a crash."""
    for node in nodes:
        first = await node(state, context)
        again = await node(state, context)
        assert first.says == again.says
        state.update(first.update)
    return state


async def planned(label: TestLabel, run: Run, model: ScriptedHouse) -> tuple[CycleState, Any]:
    context = context_of(label, run, house=house_of(label, scripted=model))
    state = CycleState(run_id=run.id, seed=run.seed)
    state.update((await perceive(state, context)).update)  # type: ignore[typeddict-item]
    found = await plan(state, context)
    assert found.goto == "conceive"
    state.update(found.update)  # type: ignore[typeddict-item]
    return state, context


async def version_before(label: TestLabel, run: Run) -> Work:
    revised = await label.revisions.of_run(OPERATOR, run)
    assert revised is not None
    assert revised.work is not None
    return revised.work


async def test_the_plan_is_what_was_asked_for_and_no_model_chooses(label: TestLabel) -> None:
    model = ScriptedHouse()
    state, context = await planned(label, await rejected(label, "lyrics"), model)
    assert (state["action"], state["keeps"]) == (
        "write_and_release_song",
        ["concept", "cover", "post"],
    )
    assert SAID in state["reason"]
    assert model.asked("plan.choose") == model.asked("plan.reason") == []
    assert (await label.runs.get(OPERATOR, context.run.id)).action == "write_and_release_song"


@pytest.mark.parametrize("small", [True, False])
async def test_the_songwriter_hears_what_was_said_and_leaves_what_was_not_meant(
    label: TestLabel, small: bool
) -> None:
    model = ScriptedHouse(small=small)
    state, context = await planned(label, await rejected(label, "lyrics"), model)
    await taken(state, context, conceive)
    state.update((await write(state, context)).update)  # type: ignore[typeddict-item]
    asked = model.asked("lyrics.line_again")
    assert asked
    for prompt in asked:
        assert SAID in prompt
        assert all(line in prompt for part in LYRICS for line in part.lines)
    assert model.asked("lyrics.line") == []
    before = await version_before(label, context.run)
    work = await label.works.get(OPERATOR, state["work_id"])
    assert (work.revises, work.concept) == (before.id, before.concept)
    assert [part.lines for part in work.lyrics[1::2]] == [part.lines for part in LYRICS[1::2]]
    old = {line for part in LYRICS[::2] for line in part.lines}
    assert not old & {line for part in work.lyrics[::2] for line in part.lines}
    # The cover was not minded: it is there already, and the recording is not.
    assert {a.role: a.sha256 for a in work.assets} == {
        a.role: a.sha256 for a in before.assets if a.role == "cover"
    }


async def test_a_song_of_an_earlier_release_keeps_the_sections_it_had(label: TestLabel) -> None:
    """Its run did not write down its form; its words tell the sections and their room."""
    who = await artist(label)
    run = await play.cycle(label, who)
    approval = await play.ask(label, run, await song(label, run, "Salt"))
    begun = await again(label, approval, "lyrics", said=SAID)
    state, context = await planned(label, begun, ScriptedHouse())
    state = await taken(state, context, conceive)
    assert [(s["name"], s["bars"]) for s in state["form"]] == [
        (part.section, 2 * len(part.lines)) for part in LYRICS
    ]


async def test_a_strong_model_is_shown_the_whole_song_where_no_line_was_named(
    label: TestLabel,
) -> None:
    model = ScriptedHouse(small=False)
    run = await rejected(label, "lyrics", said="Less rain.")
    state, context = await planned(label, run, model)
    await taken(state, context, conceive)
    await write(state, context)
    (prompt,) = model.asked("lyrics.song_again")
    assert "Less rain." in prompt
    assert all(line in prompt for part in LYRICS for line in part.lines)
    assert model.asked("lyrics.song") == []
    work = await label.works.get(OPERATOR, state["work_id"])
    old = {line for part in LYRICS for line in part.lines}
    assert not old & {line for part in work.lyrics for line in part.lines}


async def test_other_words_of_a_post_leave_the_song_exactly_as_it_was(label: TestLabel) -> None:
    model = ScriptedHouse()
    run = await rejected(label, "words_of_post", said="Tell where you wrote it.")
    before = await version_before(label, run)
    state, context = await planned(label, run, model)
    # No tool is granted here, so none of these may make a file.
    state = await taken(state, context, conceive, write, compose, render)
    work = await label.works.get(OPERATOR, state["work_id"])
    assert work.status is WorkStatus.RENDERED
    state = await taken(state, context, package, announce, submit)
    work = await label.works.get(OPERATOR, state["work_id"])
    kept = ("concept", "lyrics", "assets", "pcm_sha256", "tempo_bpm", "key", "mode", "title")
    for name in kept:
        assert getattr(work, name) == getattr(before, name), name
    assert model.asked("lyrics.line") == model.asked("song.story") == []
    (prompt,) = set(model.asked("post.again"))
    assert "Tell where you wrote it." in prompt
    assert "Salt is out." in prompt
    (post,) = await label.catalogue.posts_of_run(OPERATOR, run.id)
    assert post.payload.text.startswith('"Salt" is out now.')
    assert post.payload.release_id == state["release_id"]
    approval = await label.approvals.standing_of(OPERATOR, run.id)
    assert approval is not None
    assert approval.version == 2
    found = await label.revisions.compared(OPERATOR, approval)
    assert found is not None
    assert found.same == ["the words", "the cover"]


async def test_words_that_nobody_minded_stay_as_people_edited_them(label: TestLabel) -> None:
    model = ScriptedHouse()
    run = await rejected(label, "artwork", said="Warmer.")
    state, context = await planned(label, run, model)
    state = await taken(state, context, conceive, write, compose, render, announce)
    (post,) = await label.catalogue.posts_of_run(OPERATOR, run.id)
    assert post.payload.text == "Salt is out."
    assert not [prompt for prompt in model.endpoint.calls if prompt.prompt.startswith("post.")]
    work = await label.works.get(OPERATOR, state["work_id"])
    assert work.asset("cover") is None


async def test_a_song_sent_back_as_a_whole_is_another_one_that_knows_why(
    label: TestLabel,
) -> None:
    model = ScriptedHouse()
    run = await rejected(label, "off_brand", said="This is not us.")
    state, context = await planned(label, run, model)
    assert state["keeps"] == []
    await taken(state, context, conceive)
    assert all("This is not us." in prompt for prompt in model.asked("song.story"))
    work = await label.works.get(OPERATOR, state["work_id"])
    before = await version_before(label, run)
    assert work.revises is None
    assert work.title != before.title
    assert work.assets == ()


async def test_a_check_that_fails_takes_more_than_was_asked_for(label: TestLabel) -> None:
    run = await rejected(label, "mix", said="The voice is too quiet.")
    state, context = await planned(label, run, ScriptedHouse())
    assert state["mix"] == 1
    state = await taken(state, context, conceive, write, compose)
    assert state["keeps"] == ["concept", "lyrics", "score", "cover", "post"]
    gate = within("loudness", -9.0, high=-13.0, what="loudness")
    made = Made(reports=(QualityReport(subject="audio", gates=(gate,)),))
    await label.works.grow(context.actor, state["work_id"], WorkStatus.RENDERED, made)
    state.update({"tried": ["mix"]})
    found = await critique(state, context)
    assert found.update["keeps"] == ["concept", "lyrics", "cover", "post"]


async def test_a_post_sent_back_is_written_again(label: TestLabel) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    actor, post_id = artist_actor(who.id), new_id("post")
    payload = Payload(channel="stage", text="Hello from the ferry.")
    await label.catalogue.draft_post(actor, post_id, who.id, run.id, payload)
    approval = await label.approvals.open(actor, new_id("approval"), who.id, run.id, (), (post_id,))
    begun = await again(label, approval, "words_of_post", said="Say what you do there.")
    model = ScriptedHouse()
    context = context_of(label, begun, house=house_of(label, scripted=model))
    state = CycleState(run_id=begun.id, seed=begun.seed)
    state.update((await perceive(state, context)).update)  # type: ignore[typeddict-item]
    found = await plan(state, context)
    assert found.goto == "update"
    state.update(found.update)  # type: ignore[typeddict-item]
    state = await taken(state, context, update, submit)
    (prompt,) = set(model.asked("post.again"))
    assert "Say what you do there." in prompt
    assert "Hello from the ferry." in prompt
    (post,) = await label.catalogue.posts_of_run(OPERATOR, begun.id)
    assert post.payload.text != "Hello from the ferry."


async def test_why_it_was_sent_back_is_remembered_with_every_reason(label: TestLabel) -> None:
    run = await rejected(label, "lyrics", "artwork")
    assert run.parent_run_id is not None
    parent = await label.runs.get(OPERATOR, run.parent_run_id)
    context = context_of(label, parent)
    work = await version_before(label, run)
    state = CycleState(run_id=parent.id, seed=1, action="write_and_release_song")
    state.update((await perceive(state, context)).update)  # type: ignore[typeddict-item]
    state.update({"work_id": work.id, "verdict": "rejected"})
    told = await remember(state, context)
    assert f"rejected because of lyrics and artwork. They said: {SAID}" in told.says
