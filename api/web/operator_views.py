"""What several of the operator's pages show: a run's line, a work with its files."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.web.lyrics import LyricBlock, lyric_blocks
from api.web.page import key_name
from domain.approval import Approval
from domain.artist import Artist
from domain.errors import GreenroomError
from domain.quality import QualityReport
from domain.run import Run
from domain.score import LyricSection
from domain.spans import span
from domain.work import Asset
from services.inbox import InboxItem
from services.timeline import StepLine
from services.views import FileView, RunView, WorkView

ACTIONS = {
    "write_and_release_song": "Writes and releases a song",
    "post_update": "Posts an update",
    "rest": "Rests",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Notice(_Part):
    """Something to tell at the top of a page."""

    kind: str = Field(description="`good`, `bad` or `plain`.")
    text: str
    remedy: str | None = None


class RunLine(_Part):
    """A run in a list."""

    id: str
    handle: str
    stage_name: str
    kind: str
    action: str
    status: str
    at: datetime
    cpu_s: float
    failure: str | None


class LiveRun(_Part):
    """A run that is going on, with its steps."""

    line: RunLine
    steps: tuple[StepLine, ...]
    tokens: int
    cost_usd: float


class WorkCard(_Part):
    """A work to look at and listen to."""

    id: str
    title: str
    status: str
    revision: int
    theme: str
    story: str
    audio_url: str | None
    cover_url: str | None
    duration_s: float | None
    facts: tuple[tuple[str, str], ...]
    lyrics: tuple[LyricBlock, ...]
    reports: tuple[QualityReport, ...]
    passed: bool
    files: tuple[tuple[str, str, str, int], ...] = Field(description="Role, name, address, bytes.")


class WaitingCard(_Part):
    """An approval in a list, with the digest that a decision there is bound to."""

    id: str
    digest: str
    handle: str
    stage_name: str
    title: str
    kind: str
    theme: str
    cover_url: str | None
    audio_url: str | None
    duration_s: float | None
    passed: bool | None
    channels: tuple[tuple[str, str], ...] = Field(description="Channel and the words for it.")
    status: str
    opened_at: datetime
    expires_at: datetime
    version: int = Field(description="1, or a higher one that revises what was sent back.")


def waiting_card(item: InboxItem) -> WaitingCard:
    """An approval in a list."""
    approval, works = item.approval, item.works
    work = works[0] if works else None
    cover = (work.asset("cover_thumb") or work.asset("cover")) if work else None
    sound = work.asset("mp3") if work else None
    return WaitingCard(
        id=approval.id,
        digest=approval.digest,
        handle=item.artist.handle,
        stage_name=item.artist.stage_name,
        title=item.title,
        kind="Release" if item.releases else "Post",
        theme=work.concept.theme if work else "",
        cover_url=media_url(cover) if cover else None,
        audio_url=media_url(sound) if sound else None,
        duration_s=work.duration_s if work else None,
        passed=all(r.passed for w in works for r in w.reports) if works else None,
        channels=tuple((p.payload.channel, p.payload.text) for p in item.posts),
        status=approval.status.value,
        opened_at=approval.created_at,
        expires_at=approval.expires_at,
        version=approval.version,
    )


def run_line(run: Run, artist: Artist) -> RunLine:
    """A run in a list."""
    return RunLine(
        id=run.id,
        handle=artist.handle,
        stage_name=artist.stage_name,
        kind=run.kind,
        action=action_words(run.kind, run.action),
        status=run.status.value,
        at=run.created_at,
        cpu_s=run.cpu_s,
        failure=run.failure.message if run.failure else None,
    )


def line_of_view(run: RunView) -> RunLine:
    """The same, of a run that was read whole."""
    return RunLine(
        id=run.id,
        handle=run.artist,
        stage_name=run.stage_name,
        kind=run.kind,
        action=action_words(run.kind, run.action),
        status=run.status,
        at=run.started_at,
        cpu_s=run.cpu_s,
        failure=run.failure.message if run.failure else None,
    )


def action_words(kind: str, action: str | None) -> str:
    """What a run is about."""
    if kind == "debut":
        return "Debut: finds out who it is"
    return ACTIONS.get(action or "", "A cycle, nothing decided yet")


def media_url(file: FileView | Asset) -> str:
    """Where the operator fetches a file."""
    return f"/operator/media/{file.sha256}/{file.filename}"


def work_card(work: WorkView) -> WorkCard:
    """A work to look at and listen to."""
    files = {file.role: file for file in work.files}
    cover = files.get("cover") or files.get("cover_thumb")
    facts = [
        ("Tempo", f"{work.tempo_bpm:.0f} BPM" if work.tempo_bpm else ""),
        ("Key", key_name(work.key, work.mode)),
        ("Revision", str(work.revision) if work.revision else ""),
    ]
    return WorkCard(
        id=work.id,
        title=work.title,
        status=work.status,
        revision=work.revision,
        theme=str(work.concept.get("theme", "")),
        story=str(work.concept.get("story", "")),
        audio_url=media_url(files["mp3"]) if "mp3" in files else None,
        cover_url=media_url(cover) if cover else None,
        duration_s=work.duration_s,
        facts=tuple((name, value) for name, value in facts if value),
        lyrics=lyric_blocks([LyricSection.model_validate(part) for part in work.lyrics]),
        reports=tuple(work.reports),
        passed=work.passed,
        files=tuple((f.role, f.filename, media_url(f), f.bytes) for f in work.files),
    )


def bad_notice(error: GreenroomError) -> Notice:
    """What was refused, in words."""
    text = f"{error.message[:1].upper()}{error.message[1:].rstrip('.')}."
    return Notice(kind="bad", text=text, remedy=error.remedy)


def typed_notice(error: GreenroomError, typed: str) -> Notice:
    """The same with what was typed: the page shows what stands now in its place."""
    notice = bad_notice(error)
    if not typed.strip():
        return notice
    remedy = f"{notice.remedy or ''} You wrote: “{typed.strip()}”".strip()
    return notice.model_copy(update={"remedy": remedy})


def outcome(approval: Approval, by: str, now: datetime) -> Notice | None:
    """How a closed approval ended, and who ended it when; None while it waits."""
    if approval.status.value == "waiting":
        return None
    if approval.status.value == "void":
        return Notice(kind="plain", text="The content was edited; a newer approval replaced this.")
    decision = approval.decision
    if decision is None:
        return Notice(
            kind="plain", text="Nobody decided in time.", remedy="The artist may try again."
        )
    ago = span((now - decision.at).total_seconds())
    who = f"{by[:1].upper()}{by[1:]}"
    if decision.verdict == "approve":
        text = f"{who} approved this {ago} ago. The run goes on and publishes it."
        return Notice(kind="good", text=text)
    comment = f" “{decision.comment}”" if decision.comment else ""
    return Notice(kind="bad", text=f"{who} rejected this {ago} ago: {decision.because}.{comment}")
