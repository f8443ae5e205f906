"""One valid sample of every noun, with fixed ids and times."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import Any

from domain.adaptation import (
    Adaptation,
    Change,
    Effect,
    Evidence,
    Proposal,
    Scope,
    opened,
)
from domain.alert import Alert
from domain.approval import Approval, Subject, digest_of
from domain.art import ArtDirection, DisplayTypeface, Style, TextTypeface
from domain.artist import Artist
from domain.attempt import Attempt
from domain.audience import AudienceEvent, AudienceKind, Untrusted
from domain.audit import AuditEntry
from domain.channel import ChannelAccount, Limits
from domain.choice import CreativeChoice
from domain.directive import Directive
from domain.evaluation import (
    Case,
    EvalRun,
    EvalSample,
    EvalSubject,
    KeptCase,
    RecordedCall,
    SampleCost,
    Score,
    Transcript,
)
from domain.event import Event
from domain.experiment import Arm, Definition, Experiment, Exposure, Guardrail, SamplePlan
from domain.generation import (
    Candidate,
    GenerationJob,
    GenerationStatus,
    JobFailure,
    ProviderHealth,
    RouteChoice,
)
from domain.hold import Switch
from domain.kept_request import KeptRequest
from domain.memory import MemoryKind, MemoryRecord
from domain.mood import Mood, MoodCause
from domain.ports.model import (
    CallScope,
    ChatMessage,
    Completion,
    ModelTraits,
    TokenUsage,
    UsageRecord,
)
from domain.ports.providers import Quote
from domain.post import MediaPart, Payload, Post
from domain.profile import (
    MusicalRanges,
    Personality,
    PostingStyle,
    Profile,
    ProfileVersion,
    Voice,
)
from domain.quality import GateResult, QualityReport
from domain.release import AiDisclosure, Release
from domain.render import Render, RenderedFile
from domain.rhythm import Slots, Window
from domain.run import Run, StepRecord, ToolCall
from domain.schedule import LastSlot, Pending, Schedule
from domain.score import LyricSection
from domain.stage import StageEntry
from domain.steering import Steering
from domain.talk import Act, Card, CardPart, QuestionPart, Talk, TextPart, ToolPart, Turn
from domain.user import ApiKey, Invitation, User, UserSession
from domain.webhook import Delivery, Try, Webhook
from domain.work import Asset, Concept, Credit, Provenance, Work

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
SHA = hashlib.sha256(b"sample").hexdigest()


def _times(at: datetime = NOW) -> dict[str, Any]:
    return {"created_at": at, "updated_at": at}


def artist(artist_id: str = "artist_01", **changes: Any) -> Artist:
    mood = Mood(
        valence=0.25,
        at=NOW - timedelta(hours=1),
        causes=(MoodCause(what="rain", valence=-0.1, at=NOW),),
    )
    data = {
        "id": artist_id,
        **_times(),
        "handle": artist_id.replace("_", "-"),
        "stage_name": "Mira Łoś",
        "brief": "Songs about “night trains”\nand small towns",
        "genre_pack": "folk",
        "seed": 2**40,
        "mood": mood,
    }
    return Artist.model_validate(data | changes)


def profile(number: int = 1, artist_id: str = "artist_01", **changes: Any) -> ProfileVersion:
    who = Profile(
        stage_name="Mira",
        biography="Writes on trains.",
        voice=Voice(register_="plain", vocabulary=("rails",)),
        personality=Personality(
            openness=0.8,
            conscientiousness=0.5,
            extraversion=0.3,
            agreeableness=0.6,
            neuroticism=0.4,
        ),
        genre_pack="folk",
        genre_overrides={"swing": 0.2, "brushes": True, "strings": "none"},
        music=MusicalRanges(tempo_bpm=(80.0, 110.0)),
        themes=("trains",),
        visual=ArtDirection(
            style=Style.NIGHT_WINDOW,
            palette=("#101020", "#e0d8c0", "#c04030"),
            display_typeface=DisplayTypeface.FRAUNCES,
            text_typeface=TextTypeface.INTER,
        ),
        posting=PostingStyle(tone="dry"),
    )
    data = {
        "id": f"profile_{artist_id}_{number}",
        **_times(),
        "artist_id": artist_id,
        "number": number,
        "profile": who,
        "reason": "first",
        "evidence": ("brief",),
        "author": "system",
    }
    return ProfileVersion.model_validate(data | changes)


def run(run_id: str = "run_01", artist_ids: tuple[str, ...] = ("artist_01",), **c: Any) -> Run:
    data = {"id": run_id, **_times(), "kind": "cycle", "artist_ids": artist_ids, "seed": 7}
    return Run.model_validate(data | c)


def step(step_id: str = "step_01", run_id: str = "run_01", **changes: Any) -> StepRecord:
    data = {
        "id": step_id,
        **_times(),
        "run_id": run_id,
        "artist_id": "artist_01",
        "step": "plan",
        "snapshot": {"z": 1, "a": {"b": [1, 2.5, None, "ü"]}},
        "report": {"action": "write_song"},
        "model": "scripted",
        "tokens": 12,
    }
    return StepRecord.model_validate(data | changes)


def tool_call() -> ToolCall:
    return ToolCall(
        tool="note_idea",
        arguments={"text": "a lamp; a train"},
        result={"kept": True},
        duration_s=0.5,
    )


def work(work_id: str = "work_01", run_id: str = "run_01", **changes: Any) -> Work:
    # Spelt out: what was once stored stays as it is, whatever gates say today.
    gate = GateResult(
        gate="loudness", verdict="pass", value=-14.0, reason="loudness is -14; wanted "
    )
    report = QualityReport(subject="audio", gates=(gate,))
    choice = CreativeChoice(
        name="tempo", options=("slow", "fast"), probabilities=(0.25, 0.75), chosen="slow", seed=3
    )
    data = {
        "id": work_id,
        **_times(),
        "artist_id": "artist_01",
        "run_id": run_id,
        "title": "Last Carriage",
        "concept": Concept(title="Last Carriage", theme="leaving", story="…", images=("lamp",)),
        "seed": 11,
        "lyrics": (LyricSection(section="verse", lines=("Lamps go by", "so do I")),),
        "pcm_sha256": SHA,
        "duration_s": 181.5,
        "assets": (
            Asset(role="flac", sha256=SHA, bytes=9, media_type="audio/flac", filename="song.flac"),
        ),
        "reports": (report,),
        "provenance": (Provenance(part="score", made_by="composer@1", kind="algorithm", at=NOW),),
        "credits": (Credit(name="Mira", role="MainArtist", share_percent=100),),
        "choices": (choice,),
    }
    return Work.model_validate(data | changes)


def release(release_id: str = "release_01", run_id: str = "run_01", **changes: Any) -> Release:
    data = {
        "id": release_id,
        **_times(),
        "artist_id": "artist_01",
        "run_id": run_id,
        "title": "Last Carriage",
        "work_ids": ("work_01",),
        "credits": (Credit(name="Mira", role="Composer"),),
        "p_line": "℗ 2026 Mira",
        "c_line": "© 2026 Mira",
        "disclosure": AiDisclosure(statement="Made by machines."),
    }
    return Release.model_validate(data | changes)


def payload() -> Payload:
    return Payload(
        channel="stage",
        text="It is out 🚂",
        media=(MediaPart(sha256=SHA, media_type="image/png", alt="A lamp"),),
        release_id="release_01",
    )


def post(post_id: str = "post_01", run_id: str = "run_01", **changes: Any) -> Post:
    data = {
        "id": post_id,
        **_times(),
        "artist_id": "artist_01",
        "run_id": run_id,
        "payload": payload(),
    }
    return Post.model_validate(data | changes)


def approval(approval_id: str = "approval_01", run_id: str = "run_01", **changes: Any) -> Approval:
    subjects = (Subject(kind="release", id="release_01", digest=SHA),)
    data = {
        "id": approval_id,
        **_times(),
        "artist_id": "artist_01",
        "run_id": run_id,
        "subjects": subjects,
        "digest": digest_of(subjects),
        "expires_at": NOW + timedelta(hours=72),
    }
    return Approval.model_validate(data | changes)


def attempt(attempt_id: str = "attempt_01", key: str = "run_01:publish", **c: Any) -> Attempt:
    data = {
        "id": attempt_id,
        **_times(),
        "key": key,
        "run_id": "run_01",
        "artist_id": "artist_01",
        "effect": "publish",
        "subject_id": "post_01",
        "payload_digest": SHA,
        "result": {"remote_id": "r1", "tries": [1, 2]},
    }
    return Attempt.model_validate(data | c)


def generation(
    job_id: str = "generation_01", key: str = "work_01-song-0-scripted-1", **c: Any
) -> GenerationJob:
    data = {
        "id": job_id,
        **_times(),
        "key": key,
        "song_key": "work_01-song-0",
        "artist_id": "artist_01",
        "run_id": "run_01",
        "work_id": "work_01",
        "provider": "scripted",
        "status": GenerationStatus.RUNNING,
        "request_sha256": SHA,
        "style": "Slow synths; 90 BPM 🚂",
        "quote": Quote(cost_usd=0.25, basis="price list of 2026-11-01"),
        "cost_usd": 0.25,
        "cost_basis": "quoted",
        "route": RouteChoice(
            provider="scripted",
            why="the only one",
            candidates=(Candidate(provider="scripted", cost_usd=0.25),),
        ),
        "provider_job_id": "remote-1",
        "sent_at": NOW,
    }
    return GenerationJob.model_validate(data | c)


def provider_health(provider: str = "scripted", **changes: Any) -> ProviderHealth:
    data = {
        "id": f"provider_{provider}",
        **_times(),
        "provider": provider,
        "failures": 3,
        "last_failed_at": NOW,
        "last_error": JobFailure(code="provider_unavailable", message="it is down"),
        "pause_until": NOW + timedelta(minutes=1),
    }
    return ProviderHealth.model_validate(data | changes)


def audience(
    event_id: str = "audience_01", kind: AudienceKind = "comment", **changes: Any
) -> AudienceEvent:
    text = Untrusted(text="lovely; DROP TABLE artists", source="stage")
    data = {
        "id": event_id,
        **_times(),
        "artist_id": "artist_01",
        "kind": kind,
        "channel": "stage",
        "release_id": "release_01",
        "visitor_id": "visitor_01",
        "text": text if kind == "comment" else None,
    }
    return AudienceEvent.model_validate(data | changes)


def stage(entry_id: str = "stage_01", client_key: str = "post_01", **changes: Any) -> StageEntry:
    data = {
        "id": entry_id,
        **_times(),
        "artist_id": "artist_01",
        "client_key": client_key,
        "payload": payload(),
        "published_at": NOW,
    }
    return StageEntry.model_validate(data | changes)


def memory(
    memory_id: str = "memory_01",
    text: str = "Played the night trains song to a full room",
    kind: MemoryKind = "episodic",
    **changes: Any,
) -> MemoryRecord:
    data = {
        "id": memory_id,
        **_times(),
        "artist_id": "artist_01",
        "kind": kind,
        "text": text,
        "happened_at": NOW,
        "importance": 0.5,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    return MemoryRecord.model_validate(data | changes)


def schedule(schedule_id: str = "schedule_01", **changes: Any) -> Schedule:
    data = {
        "id": schedule_id,
        **_times(),
        "artist_id": "artist_01",
        "name": "main",
        "rhythm": Slots(times=2, per="week", weekdays=(0, 4)),
        "tz": "Asia/Kathmandu",
        "quiet": Window(start=time(22), end=time(8)),
        "anchor_at": NOW,
        "next_at": NOW + timedelta(days=1),
        "pending": (Pending(release_id="release_01", due_at=NOW),),
        "last": LastSlot(slot_at=NOW, reason="overlap", why="the run before has not ended"),
    }
    return Schedule.model_validate(data | changes)


def switch(name: str = "hold", **changes: Any) -> Switch:
    data = {"id": f"switch_{name}", **_times(), "name": name, "on": True, "why": "a quiet day"}
    return Switch.model_validate(data | changes)


def channel(channel_id: str = "channel_01", **changes: Any) -> ChannelAccount:
    data = {
        "id": channel_id,
        **_times(),
        "artist_id": "artist_01",
        "network": "bluesky",
        "account": "kale.example.org",
        "server": "https://example.org",
        "remote_id": "did:plc:abc",
        "limits": Limits(text_max_graphemes=300),
        "quiet_until": NOW,
    }
    return ChannelAccount.model_validate(data | changes)


def webhook(webhook_id: str = "webhook_01", **changes: Any) -> Webhook:
    data = {
        "id": webhook_id,
        **_times(),
        "url": "https://example.org/hook",
        "events": ("alert.*", "post.changed"),
        "failures": 2,
        "failing_since": NOW,
    }
    return Webhook.model_validate(data | changes)


def delivery(delivery_id: str = "delivery_01", **changes: Any) -> Delivery:
    data = {
        "id": delivery_id,
        **_times(),
        "webhook_id": "webhook_01",
        "kind": "alert.opened",
        "event_id": 1,
        "payload": {"type": "alert.opened", "data": {"rule": "disk_low"}},
        "due_at": NOW,
        "tries": 1,
        "log": (Try(at=NOW, took_s=0.5, status=503, says="busy"),),
    }
    return Delivery.model_validate(data | changes)


def alert(alert_id: str = "alert_01", **changes: Any) -> Alert:
    data = {
        "id": alert_id,
        **_times(),
        "rule": "disk_low",
        "subject": "label",
        "severity": "warning",
        "summary": "1,2 GB are left.",
        "remedy": "Free some space.",
        "seen_at": NOW,
    }
    return Alert.model_validate(data | changes)


def render(render_id: str = "render_01", key: str = "ab" * 32, **changes: Any) -> Render:
    data = {
        "id": render_id,
        **_times(),
        "key": key,
        "kind": "song",
        "engine": "greenroom-music@1",
        "used_at": NOW,
        "hits": 3,
        "cpu_s": 4.5,
        "files": (
            RenderedFile(
                role="flac", name="song.flac", sha256=SHA, bytes=6, media_type="audio/flac"
            ),
        ),
        "reports": (QualityReport(subject="audio", gates=()),),
        "facts": {"pcm_sha256": SHA, "cpu_s": 4.5},
    }
    return Render.model_validate(data | changes)


def talk(talk_id: str = "talk_01", artist_id: str = "artist_01", **changes: Any) -> Talk:
    data = {
        "id": talk_id,
        **_times(),
        "artist_id": artist_id,
        "person": "local",
        "title": "What are you working on?",
        "turns": 2,
        "last_at": NOW,
    }
    return Talk.model_validate(data | changes)


def turn(turn_id: str = "turn_01", number: int = 1, **changes: Any) -> Turn:
    pause = Act(name="pause")
    data = {
        "id": turn_id,
        **_times(),
        "talk_id": "talk_01",
        "artist_id": "artist_01",
        "number": number,
        "speaker": "artist",
        "key": f"key-{number}",
        "parts": (
            ToolPart(tool="show_numbers", says="looked at its numbers", status="done"),
            CardPart(card=Card(kind="numbers", id="artist_01", title="Numbers")),
            TextPart(text="Twelve plays since Monday."),
            QuestionPart(id="question_01", text="Shall I rest?", act=pause),
        ),
    }
    return Turn.model_validate(data | changes)


def kept_request(request_id: str = "request_01", **changes: Any) -> KeptRequest:
    data = {
        "id": request_id,
        **_times(),
        "key_digest": SHA,
        "actor": "operator:local",
        "operation": "POST /api/v1/artists?",
        "fingerprint": SHA,
        "status": "answered",
        "sealed": "c2VhbGVk",
    }
    return KeptRequest.model_validate(data | changes)


def event(**changes: Any) -> Event:
    data = {
        "kind": "run.changed",
        "at": NOW,
        "actor": "artist:artist_01",
        "artist_id": "artist_01",
        "run_id": "run_01",
        "subject_id": "run_01",
        "data": {"status": "running"},
    }
    return Event.model_validate(data | changes)


def user(user_id: str = "user_01", name: str = "ada", **changes: Any) -> User:
    data = {
        "id": user_id,
        **_times(),
        "name": name,
        "display_name": "Ada Ł.",
        "role": "operator",
        "artists": ("artist_01",),
        "last_seen_at": NOW,
        "password_hash": "$argon2id$sample",
    }
    return User.model_validate(data | changes)


def invitation(invitation_id: str = "invitation_01", **changes: Any) -> Invitation:
    data = {
        "id": invitation_id,
        **_times(),
        "role": "viewer",
        "made_by": "user_01",
        "note": "Bo",
        "expires_at": NOW + timedelta(days=7),
        "secret_hash": SHA,
    }
    return Invitation.model_validate(data | changes)


def session(session_id: str = "session_01", **changes: Any) -> UserSession:
    data = {
        "id": session_id,
        **_times(),
        "user_id": "user_01",
        "address": "203.0.113.9",
        "browser": "Firefox on Linux",
        "seen_at": NOW,
        "secret_hash": SHA,
    }
    return UserSession.model_validate(data | changes)


def api_key(key_id: str = "key_01", **changes: Any) -> ApiKey:
    data = {
        "id": key_id,
        **_times(),
        "name": "nightly numbers",
        "user_id": "user_01",
        "scopes": ("read", "chat"),
        "artists": ("artist_01",),
        "prefix": "gr_abcd",
        "made_by": "user_01",
        "expires_at": NOW + timedelta(days=90),
        "secret_hash": SHA,
    }
    return ApiKey.model_validate(data | changes)


def audit_entry(entry_id: str = "audit_01", **changes: Any) -> AuditEntry:
    data = {
        "id": entry_id,
        **_times(),
        "user_id": "user_01",
        "who": "ada",
        "operation": "POST /api/v1/artists/{handle}/pause",
        "what": "Pause an artist",
        "artist": "artist-01",
        "address": "203.0.113.9",
        "outcome": "done",
        "status": 200,
    }
    return AuditEntry.model_validate(data | changes)


def directive(directive_id: str = "directive_01", **changes: Any) -> Directive:
    data = {
        "id": directive_id,
        **_times(),
        "artist_id": "artist_01",
        "kind": "goal",
        "text": "three songs before the summer",
        "target": {"measure": "songs", "count": 3},
        "until": NOW + timedelta(days=90),
        "lasting": True,
        "by": "operator:local",
    }
    return Directive.model_validate(data | changes)


def steering(steering_id: str = "steering_01", **changes: Any) -> Steering:
    data = {
        "id": steering_id,
        **_times(),
        "artist_id": "artist_01",
        "level": "autopilot",
        "veto_hours": 6.0,
        "quiet": {"start": "22:00", "end": "08:00"},
        "tz": "Europe/Berlin",
        "posts_day": 2,
        "budgets": {"usd_day": 1.5},
        "by": "operator:local",
    }
    return Steering.model_validate(data | changes)


def usage(**changes: Any) -> UsageRecord:
    data = {
        "scope": CallScope(artist_id="artist_01", run_id="run_01", step="plan"),
        "tier": "smart",
        "model": "scripted",
        "prompt": "plan@1",
        "usage": TokenUsage(prompt_tokens=10, completion_tokens=5),
        "cost_usd": 0.25,
        "cached": False,
        "latency_s": 0.5,
        "outcome": "ok",
        "at": NOW,
        "asked": [{"role": "user", "content": "What comes next?"}],
        "answered": "A song about rain.",
    }
    return UsageRecord.model_validate(data | changes)


def eval_run(run_id: str = "eval_01", **changes: Any) -> EvalRun:
    traits = ModelTraits(
        model="scripted", small=True, context_tokens=8192, logprobs=True, prefill=True
    )
    subject = EvalSubject(
        prompts=("post.update@1 (short)",),
        prompts_digest=SHA,
        models={"smart": traits},
        artist_id="artist_01",
        handle="artist-01",
        profile_number=1,
        seed=7,
        version="0.1.0",
        code_digest=SHA,
    )
    data = {
        "id": run_id,
        **_times(),
        "suite": "posts",
        "suite_digest": SHA,
        "key": SHA,
        "subject": subject,
        "artist_id": "artist_01",
        "main": "usable",
        "scorers": ("usable", "grounded"),
        "case_ids": ("rain-stage",),
    }
    return EvalRun.model_validate(data | changes)


def kept_case(kept_id: str = "case_01", **changes: Any) -> KeptCase:
    data = {
        "id": kept_id,
        **_times(),
        "suite": "posts",
        "case_id": "rain-kept",
        "case": Case(id="rain-kept", input={"subject": "rain"}, source="approval_01"),
        "artist_id": "artist_01",
        "added_by": "operator",
    }
    return KeptCase.model_validate(data | changes)


def eval_sample(
    sample_id: str = "sample_01", run_id: str = "eval_01", **changes: Any
) -> EvalSample:
    data = {
        "id": sample_id,
        **_times(),
        "run_id": run_id,
        "key": SHA,
        "case_id": "rain-stage",
        "epoch": 1,
        "status": "scored",
        "case": Case(id="rain-stage", input={"subject": "rain"}, tags={"network": "stage"}),
        "output": {"text": "Rain on the tape."},
        "scores": {"usable": Score(value=1.0, why="fits"), "grounded": Score(value=None)},
        "scorers": SHA,
        "cost": SampleCost(calls=1, tokens=12, usd=0.25),
        "seconds": 0.5,
        "transcript_id": "transcript_01",
    }
    return EvalSample.model_validate(data | changes)


def transcript(transcript_id: str = "transcript_01", **changes: Any) -> Transcript:
    completion = Completion(
        text="Rain on the tape.",
        finish_reason="stop",
        model="scripted",
        usage=TokenUsage(prompt_tokens=8, completion_tokens=4),
        cost_usd=0.25,
    )
    call = RecordedCall(
        key=SHA,
        tier="smart",
        prompt="post.update@1",
        asked=(ChatMessage(role="user", content="Post about: rain."),),
        completion=completion,
    )
    return Transcript.model_validate({"id": transcript_id, **_times(), "calls": (call,)} | changes)


def adaptation(
    adaptation_id: str = "adaptation_01", of: str = "artist_01", **changes: Any
) -> Adaptation:
    effect = Effect(measure="engagement", estimate=0.02, low=0.0, high=0.04, observations=60)
    proposal = Proposal(
        hypothesis="Short forms are heard to the end more often.",
        change=Change(parameter="choice.form", before=None, after={"short": 0.7, "long": 0.3}),
        scope=Scope(artist_id=of, genre="lofi"),
        evidence=(Evidence(kind="estimate", says="no harm in the log", effect=effect),),
        expected=effect,
        owner="bandit",
    )
    entry = opened(adaptation_id, proposal, "system:system", NOW)
    return Adaptation.model_validate(entry.model_dump() | changes)


def experiment(
    experiment_id: str = "experiment_01", of: str = "artist_01", **changes: Any
) -> Experiment:
    definition = Definition(
        name="short or as it is",
        hypothesis="Short forms are heard to the end more often.",
        parameter="choice.form",
        scope=Scope(artist_id=of, genre="lofi"),
        arms=(Arm(name="as it is"), Arm(name="short", options={"short": 1.0})),
        guardrails=(Guardrail(metric="rejection", limit=0.1),),
    )
    plan = SamplePlan(
        effect=0.05, power=0.9, alpha=0.05, per_arm=900, deviation=0.25, measured_on=0,
        mixing_variance=0.0003,
    )  # fmt: skip
    return Experiment.model_validate(
        {
            "id": experiment_id,
            **_times(),
            "definition": definition,
            "parameter": "choice.form",
            "artist_id": of,
            "plan": plan,
        }
        | changes
    )


def exposure(exposure_id: str = "exposure_01", **changes: Any) -> Exposure:
    its = {"experiment_id": "experiment_01", "work_id": "work_01", "run_id": "run_01"}
    who = {"artist_id": "artist_01", "unit": "work_01", "arm": "short"}
    return Exposure.model_validate({"id": exposure_id, **_times(), **its, **who} | changes)
