"""What a run that makes something anew takes over from the one that was rejected."""

from __future__ import annotations

from agents.producer import mix_asked
from agents.songwriter import Again
from agents.songwriter.layout import BARS_A_LINE
from domain.genre import FormSection
from domain.memory import MEMORY_MAX_CHARS
from domain.plan import Plan
from domain.post import Payload, Post
from domain.score import LyricSection, Score
from domain.singer import Singer
from domain.trimmed import trim_to_sentence
from domain.work import Work
from graphs.context import House, RunContext
from graphs.cycle.state import CycleState
from packs.singers import load_singer
from services.revisions import Revised
from services.sound import pack_of

SCHEME = "lyrics.scheme"
USUAL_ENERGY = 0.5
WISH_CHARS = 300


async def revised_by(context: RunContext) -> Revised | None:
    """What this run makes anew; None for one that begins something of its own."""
    return await context.house.revisions.of_run(context.actor, context.run)


def keeps(state: CycleState, *parts: str) -> bool:
    """Whether all of these parts stay exactly as they were."""
    return set(parts) <= set(state.get("keeps", ()))


def plan_of(revised: Revised) -> Plan | None:
    """What the rejected run had planned: its subject, and the directive that it followed."""
    record = revised.last("plan")
    told = record.report.get("plan") if record else None
    return Plan.model_validate(told) if told else None


def mix_of(revised: Revised) -> int:
    """Which mix of its score the recording shall be: another one where its mix was minded."""
    record = revised.last("render")
    used = int(record.snapshot.get("mix", 0)) if record else 0
    return used if "audio" in revised.kept else mix_asked(revised.said, used)


async def form_again(revised: Revised, work: Work, context: RunContext) -> list[FormSection]:
    """The form the song had; of a run of an earlier release it is looked up by its name."""
    record = revised.last("conceive")
    told = record.report.get("sections") if record else None
    if told:
        return [FormSection.model_validate(section) for section in told]
    profile = (await context.house.artists.profile(context.actor, work.artist_id)).profile
    chosen = next((c.chosen for c in work.choices if c.name == "form"), None)
    forms = {form.id: form.sections for form in pack_of(profile).forms}
    usual = context.house.rules.forced_form or next(iter(forms.values()))
    form = [*forms.get(chosen or "", usual)]
    sung = [section.name for section in form if section.sung]
    if not work.lyrics or sung == [part.section for part in work.lyrics]:
        return form
    return [_section_of(part) for part in work.lyrics]


def _section_of(words: LyricSection) -> FormSection:
    """A section that has room for the words it had."""
    bars = min(32, BARS_A_LINE * len(words.lines))
    return FormSection(name=words.section, bars=bars, energy=USUAL_ENERGY, sung=True)


def again_of(revised: Revised, work: Work) -> Again:
    """What the songwriter is told about the words that came back."""
    scheme = next((c for c in work.choices if c.name == SCHEME), None)
    return Again(earlier=work.lyrics, asked=revised.said, scheme=scheme)


def wish_of(revised: Revised) -> str:
    """What a song that is begun anew is to keep in mind."""
    return trim_to_sentence(f"My label sent the last one back. {revised.said}", WISH_CHARS)


def told_of(revised: Revised) -> str:
    """Why the artist does it again, in its own words."""
    about = "" if set(revised.reasons) == {"other"} else f" ({revised.because})"
    return trim_to_sentence(f"My label asked for changes{about}: {revised.said}", MEMORY_MAX_CHARS)


async def score_of(house: House, work: Work) -> Score | None:
    """The score of the version before."""
    kept = work.asset("score")
    return Score.model_validate_json((await house.works.path(kept)).read_bytes()) if kept else None


def singer_of(work: Work) -> Singer | None:
    """Who sings a kept recording, as its provenance tells."""
    found = next((p.inputs.get("singer") for p in work.provenance if p.part == "vocals"), None)
    return load_singer(found) if found else None


async def same_words(context: RunContext, payload: Payload, posts: list[Post]) -> Payload:
    """The payload with the words that its channel had before, edits by people among them."""
    before = next((p for p in posts if p.payload.channel == payload.channel), posts[0])
    if payload.text == before.payload.text:
        return payload
    network = await context.house.channels.network(context.artist_id, payload.channel)
    return await network.render(payload.draft(before.payload.text))
