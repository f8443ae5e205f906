"""A populated label in a folder: real services on SQLite, a small real song, no model, no graph.

`open_label(tmp_path)` gives the parts; `debut`, `song`, `ask`, `publish` play what graphs do.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import lameenc
import numpy as np
from PIL import Image, ImageDraw

from api.context import ApiContext
from domain.actor import OPERATOR, SYSTEM, artist_actor, visitor_actor
from domain.approval import Approval
from domain.art import ArtDirection, DisplayTypeface, Style, TextTypeface
from domain.artist import Artist
from domain.event import Event
from domain.health import HealthCheck
from domain.house import Setting
from domain.ids import new_id
from domain.ports.chat import ChatPort
from domain.post import MediaPart, Payload
from domain.profile import MusicalRanges, Personality, PostingStyle, Profile, Voice
from domain.quality import QualityReport, not_applicable, within
from domain.release import Release
from domain.run import Run, StepRecord
from domain.steering import Budgets, Standing
from domain.work import Concept, Credit, LyricSection, Work, WorkStatus
from memory.in_memory import InMemoryVectors
from memory.memory import ArtistMemory
from runtime.bus import EventBus
from runtime.clock import ManualClock
from runtime.embedder import HashingEmbedder
from runtime.engine.in_memory import InMemoryEngine
from runtime.outbound import Outbound
from runtime.passwords import Passwords
from runtime.secrets import FileSecrets
from runtime.shared.build import Shared
from runtime.shared.windows import LocalWindows
from runtime.telemetry.metrics import Metrics
from services.adaptations import AdaptationService
from services.alert_probes import AlertLimits, probes
from services.alerts import AlertService
from services.approvals import ApprovalService
from services.artist_desk import ArtistDeskService
from services.artists import ArtistService
from services.audience import AudienceService
from services.catalogue import CatalogueService
from services.channels import ChannelService
from services.desk import lay_desk
from services.directives import DirectiveService
from services.generation.books import JobBook
from services.generation.connections import Connections
from services.generation.providers import ProviderService
from services.generation.service import GenerationService
from services.generation.song import GenerationRules
from services.holds import HoldService
from services.inbox import InboxService
from services.insights import InsightService
from services.kept_requests import KeptRequestService
from services.memories import MemoryService
from services.operations import OperationsService
from services.overview import OverviewService
from services.people_house import PeopleHouse, build_people
from services.publishing import PublishingService
from services.revisions import RevisionService
from services.run_moves import RUN_JOB, RunRules
from services.runs import RunService
from services.schedules import ScheduleService
from services.sessions import SessionKeeper
from services.sound import SoundService
from services.stage import StageService
from services.steering import SteeringService
from services.talks import TalkService
from services.usage import UsageService
from services.views import ViewService
from services.vitals import VitalsService
from services.webhook_sender import WebhookSender
from services.webhooks import WebhookService
from services.works import FileToKeep, Made, WorkService
from store.database import Database
from store.media import FolderMediaStore
from store.memory_records import SqlMemoryRecords
from store.migrate import upgrade
from store.usage import SqlUsageLedger
from tests.support.talking import Ground as TalkGround
from tests.support.talking import scripted
from tools.outside import OutsideTools
from tools.vendors.bluesky.kind import BlueskyKind
from tools.vendors.scripted_music import PlainEngine, ScriptedService, scripted_kind
from tools.vendors.stage import StageNetwork

TOKEN = "a-token-for-tests-only"
START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LABEL_LIMITS = Budgets(tokens_day=2_000_000, usd_day=5.0, tokens_run=200_000)
BRIEF = "A night-shift ferry pilot who writes slow synth songs to the sea."
PALETTE = ("#0b1020", "#1d3557", "#e4572e", "#f3c98b", "#f7f0e3")
LYRICS = (
    LyricSection(
        section="verse",
        lines=("The radar draws a ring of green", "And the harbour falls asleep unseen"),
    ),
    LyricSection(
        section="chorus", lines=("Hold the line, hold the light", "Carry me across the night")
    ),
    LyricSection(
        section="verse",
        lines=("Salt on the window, hands on the wheel", "Counting the cars I cannot feel"),
    ),
    LyricSection(
        section="chorus", lines=("Hold the line, hold the light", "Carry me across the night")
    ),
)


@dataclass
class TestLabel:
    """The parts of a label, and what the engine was asked to do."""

    __test__ = False

    home: Path
    clock: ManualClock
    bus: EventBus
    database: Database
    engine: InMemoryEngine
    media: FolderMediaStore
    artists: ArtistService
    runs: RunService
    works: WorkService
    catalogue: CatalogueService
    approvals: ApprovalService
    publishing: PublishingService
    channels: ChannelService
    audience: AudienceService
    directives: DirectiveService
    steering: SteeringService
    revisions: RevisionService
    stage: StageService
    views: ViewService
    generation: GenerationService
    providers: ProviderService
    schedules: ScheduleService
    holds: HoldService
    operations: OperationsService
    alerts: AlertService
    webhooks: WebhookService
    people: PeopleHouse
    metrics: Metrics
    far: dict[str, ScriptedService]
    usage: SqlUsageLedger
    memory: ArtistMemory
    talking: TalkGround
    chat: ChatPort
    talks: TalkService
    jobs: list[str] = field(default_factory=list)
    settings: tuple[Setting, ...] = ()
    checks: tuple[HealthCheck, ...] = (
        HealthCheck(name="database", verdict="ok", message="at the newest revision"),
    )

    def context(self, public_url: Callable[[], str] = lambda: "http://127.0.0.1") -> ApiContext:
        """What the web application needs."""

        async def health() -> Sequence[HealthCheck]:
            return self.checks

        return ApiContext(
            artists=self.artists,
            runs=self.runs,
            works=self.works,
            catalogue=self.catalogue,
            approvals=self.approvals,
            audience=self.audience,
            directives=self.directives,
            steering=self.steering,
            publishing=self.publishing,
            channels=self.channels,
            stage=self.stage,
            views=self.views,
            overview=OverviewService(self.database, self.clock),
            insights=InsightService(self.database, self.clock),
            desks=ArtistDeskService(self.database, self.clock, self.usage),
            inbox=InboxService(self.database, self.clock, self.approvals),
            revisions=self.revisions,
            desk=lay_desk(self.views, self.media, self.home / "waves", self.settings),
            chat=self.chat,
            talks=self.talks,
            tools=OutsideTools(self.memory, self.artists),
            sound=SoundService(self.artists),
            generation=self.generation,
            providers=self.providers,
            schedules=self.schedules,
            holds=self.holds,
            operations=self.operations,
            alerts=self.alerts,
            adaptations=AdaptationService(self.database, self.clock),
            webhooks=self.webhooks,
            kept_requests=KeptRequestService(self.database, self.clock),
            memories=MemoryService(
                self.database, self.clock, SqlMemoryRecords(self.database), self.memory
            ),
            usage=UsageService(self.database, self.clock),
            people=self.people,
            metrics=self.metrics,
            media=self.media,
            bus=self.bus,
            clock=self.clock,
            token=TOKEN,
            public_url=public_url,
            health=health,
        )


@asynccontextmanager
async def open_label(home: Path) -> AsyncIterator[TestLabel]:
    """Open an empty label; its engine notes jobs and does nothing else."""
    clock, bus = ManualClock(START), EventBus()
    url = f"sqlite+aiosqlite:///{home / 'label.db'}"
    await upgrade(url)

    def announce(events: Sequence[Event]) -> None:
        bus.announce(max(event.id for event in events))

    database = Database(url, on_commit=announce)
    engine = InMemoryEngine()
    media = FolderMediaStore(home / "media")
    # What passes fails at once here; tests of retries make a service of their own.
    runs = RunService(database, clock, engine, RunRules(retries=0))
    artists = ArtistService(database, clock)
    works = WorkService(database, clock, media)
    stage = StageService(database, clock)
    usage = SqlUsageLedger(database)
    # Two providers that may be connected; each test scripts what they do.
    far = {"alpha": ScriptedService(), "beta": ScriptedService(price_usd=0.4)}
    book = JobBook(database, clock, usage, GenerationRules())
    kinds = [scripted_kind(name, service) for name, service in far.items()]
    connections = Connections(kinds, FileSecrets(home / "secrets"))
    embedded = PlainEngine()
    operations = OperationsService(database, clock, engine, runs)
    vitals = VitalsService(database, clock, engine, operations)
    secrets, outbound = FileSecrets(home / "secrets"), Outbound(private=True)
    sender = WebhookSender(database, clock, secrets, outbound)
    house = {"stage": StageNetwork(stage)}
    keeper = SessionKeeper(database, clock, FileSecrets(home / "secrets"))
    far_networks = [BlueskyKind(media, loopback=True)]
    channels = ChannelService(database, clock, keeper, house=house, kinds=far_networks)
    memory = ArtistMemory(SqlMemoryRecords(database), InMemoryVectors(), HashingEmbedder(64))
    directives = DirectiveService(database, clock)
    talking = TalkGround(database, clock, memory, artists, runs, directives)
    approvals = ApprovalService(database, clock, runs, timedelta(hours=72))
    label = TestLabel(
        home=home,
        clock=clock,
        bus=bus,
        database=database,
        engine=engine,
        media=media,
        memory=memory,
        talking=talking,
        chat=talking.chat(scripted()),
        talks=talking.talks(),
        artists=artists,
        runs=runs,
        works=works,
        catalogue=CatalogueService(database, clock),
        approvals=approvals,
        revisions=RevisionService(database, clock, approvals, runs, most=2),
        publishing=PublishingService(database, clock, house, channels),
        channels=channels,
        audience=AudienceService(database, clock),
        directives=directives,
        steering=SteeringService(database, clock, runs, artists, usage, LABEL_LIMITS),
        stage=stage,
        views=ViewService(works, usage),
        generation=GenerationService(book, connections, embedded),
        schedules=ScheduleService(database, clock, runs),
        holds=HoldService(database, clock),
        operations=operations,
        alerts=AlertService(
            database, clock, probes(vitals, database, clock, Shared(bus=bus), AlertLimits())
        ),
        webhooks=WebhookService(database, clock, secrets, outbound, sender),
        # Hashes that cost next to nothing; their strength is tested where it is made.
        people=build_people(database, clock, LocalWindows(), Passwords(1, 8)),
        metrics=Metrics(),
        providers=ProviderService(book, connections, embedded),
        far=far,
        usage=usage,
    )

    async def note(run_id: str) -> None:
        label.jobs.append(run_id)

    engine.register(RUN_JOB, note)
    await engine.start()
    try:
        yield label
    finally:
        await label.talks.aclose()
        await engine.stop()
        await outbound.aclose()
        await database.close()


def profile(stage_name: str = "Harbour Signal", **changes: object) -> Profile:
    """A whole profile without contradictions."""
    whole = Profile(
        stage_name=stage_name,
        biography="Pilots the last ferry of the night and writes to whoever is still awake. "
        "The songs are slow, bright at the edges, and always leave the engine running.",
        voice=Voice(register_="intimate", vocabulary=("radar", "salt")),
        personality=Personality(
            openness=0.7,
            conscientiousness=0.6,
            extraversion=0.3,
            agreeableness=0.7,
            neuroticism=0.4,
        ),
        genre_pack="synthwave",
        music=MusicalRanges(tempo_bpm=(78, 96)),
        themes=("night crossings", "radio static", "home ports"),
        visual=ArtDirection(
            style=Style.NEON_HORIZON,
            palette=PALETTE,
            display_typeface=DisplayTypeface.SYNE,
            text_typeface=TextTypeface.INTER,
        ),
        posting=PostingStyle(tone="dry"),
    )
    return whole.model_copy(update=changes)


async def debut(
    label: TestLabel,
    who: Profile | None = None,
    portrait: bytes | None = None,
    banner: bytes | None = None,
) -> Artist:
    """An active artist with profile, portrait and banner, and its finished debut run."""
    artist = await label.artists.create(OPERATOR, BRIEF, "synthwave", seed=7)
    run = await label.runs.start(OPERATOR, artist.id, "debut", seed=7)
    await label.runs.begin(SYSTEM, run.id)
    actor = artist_actor(artist.id)
    await label.artists.adopt_profile(actor, artist.id, who or profile(), reason="debut")
    await label.artists.set_pictures(
        actor,
        artist.id,
        await label.media.put_bytes(portrait or picture(320, 320)),
        await label.media.put_bytes(banner or picture(960, 360)),
    )
    await label.runs.finish(SYSTEM, run.id)
    return await label.artists.find(OPERATOR, artist.id)


async def cycle(label: TestLabel, artist: Artist, approve: Standing | None = None) -> Run:
    """A run of the artist that has begun."""
    run = await label.runs.start(OPERATOR, artist.id, approve=approve, seed=11)
    return await label.runs.begin(SYSTEM, run.id)


async def song(
    label: TestLabel,
    run: Run,
    title: str = "Last Ferry Home",
    *,
    cover: bytes | None = None,
    mp3: bytes | None = None,
    seconds: float = 3.0,
) -> Work:
    """A complete work with a real mp3 and cover."""
    actor = artist_actor(run.artist_id)
    work_id = new_id("work")
    concept = Concept(
        title=title,
        theme="night crossings",
        story="The last boat goes out half empty, and the pilot sings to the empty half.",
        images=("radar", "salt"),
    )
    await label.works.conceive(actor, work_id, run.artist_id, run.id, concept, seed=11)
    await label.works.grow(actor, work_id, WorkStatus.WRITTEN, Made(lyrics=LYRICS))
    facts: dict[str, str | float | None] = {
        "duration_s": seconds,
        "tempo_bpm": 84.0,
        "key": "D",
        "mode": "aeolian",
    }
    await label.works.grow(actor, work_id, WorkStatus.COMPOSED, Made(facts=facts))
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    files = (
        _file(label.home, "mp3", f"{slug}.mp3", "audio/mpeg", mp3 or tone(seconds)),
        _file(label.home, "cover", f"{slug}.png", "image/png", cover or picture(600, 600, title)),
    )
    await label.works.grow(actor, work_id, WorkStatus.RENDERED, Made(files=files))
    return await label.works.grow(
        actor, work_id, WorkStatus.COMPLETE, Made(reports=(audio_report(),))
    )


async def ask(label: TestLabel, run: Run, work: Work, words: str | None = None) -> Approval:
    """A release and a post of the work, waiting for a decision."""
    actor = artist_actor(run.artist_id)
    artist = await label.artists.find(OPERATOR, run.artist_id)
    credited = (
        Credit(name=artist.stage_name, role="MainArtist", artist_id=artist.id),
        Credit(name=artist.stage_name, role="Composer", artist_id=artist.id, share_percent=100),
    )
    release = await label.catalogue.draft_single(
        actor,
        new_id("release"),
        work,
        credited,
        "Words by a language model; music composed, played and mixed by Greenroom's own code.",
    )
    cover = work.asset("cover")
    assert cover is not None
    payload = Payload(
        channel="stage",
        text=words or f"{work.title} is out. Written between two and four in the morning.",
        media=(MediaPart(sha256=cover.sha256, media_type=cover.media_type, alt="The cover."),),
        release_id=release.id,
    )
    post = await label.catalogue.draft_post(actor, new_id("post"), artist.id, run.id, payload)
    approval = await label.approvals.open(
        actor, new_id("approval"), artist.id, run.id, (release.id,), (post.id,)
    )
    await label.runs.note(SYSTEM, run.id, action="write_and_release_song", work_ids=(work.id,))
    await label.runs.wait_for(SYSTEM, run.id, approval.id)
    return approval


async def publish(label: TestLabel, approval: Approval) -> Release:
    """Approve, and put release and post on the stage as the run would."""
    await label.approvals.decide(OPERATOR, approval.id, "approve", digest=approval.digest)
    await label.runs.begin(SYSTEM, approval.run_id)
    actor = artist_actor(approval.artist_id)
    ids = {subject.kind: subject.id for subject in approval.subjects}
    release = await label.publishing.release(actor, ids["release"])
    await label.publishing.post(actor, ids["post"])
    await label.runs.finish(SYSTEM, approval.run_id)
    return release


async def live_release(label: TestLabel, artist: Artist, title: str = "Last Ferry Home") -> Release:
    """One song from nothing to the stage."""
    run = await cycle(label, artist)
    return await publish(label, await ask(label, run, await song(label, run, title)))


async def step(label: TestLabel, run: Run, name: str, says: str, **changes: object) -> StepRecord:
    """One step from its beginning to its end."""
    await label.runs.step_started(SYSTEM, run, name, 1)
    now = label.clock.now()
    record = StepRecord(
        id=new_id("step"),
        created_at=now,
        updated_at=now,
        run_id=run.id,
        artist_id=run.artist_id,
        step=name,
        snapshot={"mood": "content", "new_plays": 3},
        report={"says": says},
        tokens=120,
        duration_s=4.2,
        cpu_s=1.1,
    ).model_copy(update=changes)
    await label.runs.step_finished(SYSTEM, record)
    return record


async def visit(label: TestLabel, artist: Artist, release: Release) -> None:
    """A listener plays, likes and comments."""
    who = visitor_actor(new_id("visitor"))
    await label.audience.play(who, artist.handle, release.id, 42.0, new_id("exposure"))
    await label.audience.like(who, artist.handle, release.id, on=True)
    await label.audience.comment(
        who, artist.handle, release.id, "Jo", "I was on that boat. Thank you."
    )


def audio_report() -> QualityReport:
    """A report that passes, with each kind of verdict but a failure."""
    return QualityReport(
        subject="audio",
        gates=(
            within("loudness", -14.1, low=-14.3, high=-13.7, unit="LUFS", what="loudness"),
            within("true_peak", -1.2, high=-1.0, unit="dBTP", what="true peak"),
            not_applicable("word_error", "nobody sings on this track"),
        ),
    )


def tone(seconds: float = 3.0, hertz: float = 220.0) -> bytes:
    """A real mp3: a tone that swells and fades."""
    rate = 22_050
    time = np.arange(int(seconds * rate)) / rate
    swell = np.abs(np.sin(math.pi * 3 * time / seconds)) * 0.6 + 0.1
    wave = (np.sin(2 * math.pi * hertz * time) * swell * 0.5 * 32767).astype("<i2")
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(64)
    encoder.set_in_sample_rate(rate)
    encoder.set_channels(1)
    encoder.set_quality(7)
    encoder.silence()
    return bytes(encoder.encode(wave.tobytes()) + encoder.flush())


def picture(width: int, height: int, text: str = "") -> bytes:
    """A real PNG in the palette."""
    image = Image.new("RGB", (width, height), PALETTE[1])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 2 // 3, width, height), fill=PALETTE[0])
    size = height // 3
    left, top = width * 2 // 3 - size // 2, height // 3
    draw.ellipse((left, top, left + size, top + size), fill=PALETTE[2])
    draw.text((width // 12, height // 12), text, fill=PALETTE[4])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _file(home: Path, role: str, filename: str, media_type: str, content: bytes) -> FileToKeep:
    path = home / "made" / filename
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return FileToKeep.model_validate(
        {"role": role, "path": path, "media_type": media_type, "filename": filename}
    )
