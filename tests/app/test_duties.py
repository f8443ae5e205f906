"""What comes round by the clock does what a process that died has left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from app.duties import duties_of
from app.label import Label
from app.roles import Role
from domain.actor import OPERATOR
from domain.ids import new_id
from domain.talk import SILENT_S, Act, QuestionPart, Reply, Talk, Turn
from tests.support.homes import BRIEF, quick_label


async def agreed_long_ago(label: Label, artist_id: str) -> Turn:
    """A turn whose question somebody said yes to, just before the process died."""
    asked = QuestionPart(
        id=f"{new_id('turn')}.1",
        text="Shall I keep that?",
        act=Act(name="remember_directive", about="Never sing about trains."),
        status=Reply.YES,
        by="operator:local",
    )
    then = label.house.clock.now() - timedelta(seconds=2 * SILENT_S)
    times = {"created_at": then, "updated_at": then}
    talk = Talk(id=new_id("talk"), artist_id=artist_id, person="local", last_at=then, **times)
    async with label.views.database.unit() as unit:
        await unit.talks.add(talk)
        turn = await unit.turns.add(
            Turn(
                id=new_id("turn"),
                **times,
                talk_id=talk.id,
                artist_id=artist_id,
                number=1,
                speaker="artist",
                parts=(asked,),
                pending=True,
            )
        )
        await unit.commit()
    return turn


async def test_what_a_talk_agreed_to_is_done_though_its_process_died(tmp_path: Path) -> None:
    async with quick_label(tmp_path / "home", role=Role.CLIENT) as label:
        artist = await label.house.artists.create(OPERATOR, BRIEF, "synthwave", 7)
        turn = await agreed_long_ago(label, artist.id)
        (duty,) = [d for d in duties_of(label) if d.name == "do what talks agreed to"]
        await duty.work()
        async with label.views.database.unit() as unit:
            done = await unit.turns.get(turn.id)
        assert done.questions[0].status is Reply.DONE
        (kept,) = await label.house.directives.page(OPERATOR, artist.id)
        assert "trains" in kept.directive.text
