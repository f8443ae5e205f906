"""A label in which every page of the dashboard and of the stage has something to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.alert import Finding
from domain.artist import Artist
from domain.directive import Target
from domain.errors import ModelRejected
from domain.ids import new_id
from domain.memory import MemoryRecord, hash_text
from domain.mood import MoodCause
from domain.ports.model import CallScope, TokenUsage, UsageRecord
from domain.rhythm_words import parse_rhythm
from services.alert_probes import Probe
from services.alerts import AlertService
from services.generation.song import usual_song
from services.people_keys import KeyWish
from services.schedules import ScheduleChange
from tests.support.label import (
    START,
    TestLabel,
    ask,
    cycle,
    debut,
    live_release,
    picture,
    profile,
    song,
    step,
    visit,
)
from tests.support.people import joined
from tools.vendors.scripted_network import ScriptedKind

LONG_TITLE = "A Title Of Remarkable Length For A Song About Boats And The People Who Wait For Them"
PASSWORD = SecretStr("open sesame")


@dataclass(frozen=True)
class LivedIn:
    """What has a page of its own."""

    handle: str
    running: str
    waiting_run: str
    failed: str
    approval: str
    work: str
    talk: str
    invitation: str
    person: str = "bo"


async def live_in(label: TestLabel) -> LivedIn:
    """Two artists with songs, runs in every state, rhythms, talks, people, and some trouble."""
    artist, other = await debut(label), await debut(label, profile("Salt Lake Radio"))
    await _heard(label, artist)
    await _steered(label, artist)
    await _connected(label, artist, other)
    running = await cycle(label, other)
    await step(label, running, "plan", "A song about the last boat, " + "word" * 30)
    await label.runs.step_started(SYSTEM, running, "compose", 1)
    await label.runs.progress(SYSTEM, running, "synthesis", 0.5)
    failed = await cycle(label, artist)
    await step(label, failed, "plan", "A song about ice.", model_calls=2)
    trouble = ModelRejected("the key is refused", remedy="Check GREENROOM_MODEL_KEY.")
    await label.runs.fail(SYSTEM, failed.id, "write", trouble)
    waiting = await cycle(label, artist)
    await step(label, waiting, "plan", "A song about salt.")
    work = await song(label, waiting, LONG_TITLE, cover=picture(640, 640, "Salt"))
    approval = await ask(label, waiting, work)
    await _troubled(label)
    return LivedIn(
        handle=artist.handle,
        running=running.id,
        waiting_run=waiting.id,
        failed=failed.id,
        approval=approval.id,
        work=work.id,
        talk=await _talked(label, artist),
        invitation=await _peopled(label),
    )


async def _heard(label: TestLabel, artist: Artist) -> None:
    await visit(label, artist, await live_release(label, artist))
    cause = MoodCause(what="Three people wrote.", valence=0.4, at=START)
    await label.artists.feel(artist_actor(artist.id), artist.id, (cause,))
    changed = profile(themes=("night crossings", "radio static", "first frost"))
    await label.artists.adopt_profile(OPERATOR, artist.id, changed, reason="Winter came.")
    refused = await ask(label, run := await cycle(label, artist), await song(label, run, "Radar"))
    await label.approvals.decide(
        OPERATOR, refused.id, "reject", digest=refused.digest, reason="mix", comment="Too loud."
    )
    now = label.clock.now()
    usage = UsageRecord(
        scope=CallScope(artist_id=artist.id), tier="smart", model="m", prompt="plan/1",
        usage=TokenUsage(prompt_tokens=1200), cost_usd=0.25, cached=False, latency_s=1.0,
        outcome="ok", at=now,
    )  # fmt: skip
    await label.usage.record(usage)
    text = "The harbour froze, and nobody came."
    memory = MemoryRecord(
        id=new_id("memory"), created_at=now, updated_at=now, artist_id=artist.id, kind="episodic",
        text=text, happened_at=now, importance=0.5, text_sha256=hash_text(text),
    )  # fmt: skip
    await label.memory.remember(memory)


async def _steered(label: TestLabel, artist: Artist) -> None:
    rhythm = ScheduleChange.model_validate({"rhythm": parse_rhythm("daily at 12")})
    await label.schedules.put(OPERATOR, artist.handle, rhythm)
    await label.directives.add(OPERATOR, artist.handle, "Sing only about rain this week.")
    goal = Target(measure="songs", count=3)
    await label.directives.add(OPERATOR, artist.handle, "More songs", kind="goal", target=goal)
    over = await label.directives.add(OPERATOR, artist.handle, "Post less.")
    await label.directives.revoke(OPERATOR, over.id)


async def _connected(label: TestLabel, artist: Artist, other: Artist) -> None:
    kind = ScriptedKind(label.clock, password=PASSWORD.get_secret_value())
    label.channels.kinds = {**label.channels.kinds, "scripted": kind}
    for who, name in ((artist, "ferry"), (other, "salt")):
        await label.channels.connect(
            OPERATOR, who.id, "scripted", identifier=name, password=PASSWORD
        )
    kind.at("id:salt").troubles.append("locked_out")
    await label.channels.test(OPERATOR, other.id, "scripted")


async def _talked(label: TestLabel, artist: Artist) -> str:
    talk = await label.talks.start(OPERATOR, artist.handle)
    for words in ("From now on, sing only about rain.", "Please pause."):
        answer = await label.talks.say(OPERATOR, talk.id, words)
        async for _ in label.talks.follow(OPERATOR, talk.id, answer.id):
            pass
    return talk.id


async def _peopled(label: TestLabel) -> str:
    """Gives the secret of a link that is still open."""
    await joined(label, "admin", "ada")
    await joined(label, "viewer", "bo")
    await label.people.keys.make(OPERATOR, KeyWish("nightly report", ["read"], owner="ada"))
    return (await label.people.people.invite(OPERATOR, "operator", None, "for Cleo")).secret


async def _troubled(label: TestLabel) -> None:
    full = Finding(
        rule="disk_low", severity="critical", summary="412 MB are free", remedy="Make room."
    )

    async def look() -> list[Finding]:
        return [full]

    await AlertService(label.database, label.clock, [Probe(frozenset({"disk_low"}), look)]).check(
        SYSTEM
    )
    await label.webhooks.add(OPERATOR, "http://127.0.0.1:9/hook", description="the newsroom")
    await label.providers.connect(OPERATOR, "alpha", {"key": SecretStr("k-1")})
    await label.generation.make(
        SYSTEM, usual_song(), key="song-0", out_dir=label.home / "scratch",
        progress=lambda stage, fraction: None,
    )  # fmt: skip
    label.clock.advance(timedelta(minutes=3))
