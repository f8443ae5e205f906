"""What the roles' tests share: a gateway over a script, an artist, a genre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import JsonValue

from domain.art import ArtDirection, DisplayTypeface, Motif, Style, TextTypeface
from domain.genre import FormSection, GenrePack
from domain.memory import MemoryKind, MemoryRecord, Recalled
from domain.mood import Mood
from domain.ports.model import CallScope, Embedder
from domain.profile import MusicalRanges, Personality, PostingStyle, Profile, Voice
from domain.work import Concept
from packs import load_pack
from runtime.clock import ManualClock
from runtime.embedder import MiniLmEmbedder
from runtime.gateway.accounts import Accounts
from runtime.gateway.budget import BudgetGuard, Limits
from runtime.gateway.gateway import Gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.gateway.loop_guard import LoopGuard
from runtime.gateway.scripted import ScriptedEndpoint
from runtime.gateway.target import Line, Target
from runtime.shared.answers import MemoryAnswerCache
from tests.support.scripts import full_script

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SCOPE = CallScope(artist_id="artist_1", run_id="run_1", step="test")
PACK: GenrePack = load_pack("synthwave")
EMBEDDER: Embedder = MiniLmEmbedder()
FORM = (
    FormSection(name="intro", bars=4, energy=0.2),
    FormSection(name="verse", bars=8, energy=0.4, sung=True),
    FormSection(name="chorus", bars=8, energy=0.8, sung=True),
    FormSection(name="verse", bars=8, energy=0.5, sung=True),
    FormSection(name="chorus", bars=4, energy=0.9, sung=True),
)
CONCEPT = Concept(
    title="Between Floors",
    theme="night shifts",
    story="A mechanic eats alone in a stopped lift. Nobody has rung for an hour.",
    images=("a wet rope", "a thermos", "a lamp"),
)
PROFILE = Profile(
    stage_name="Mara Voss",
    biography="Mara Voss repairs lifts in Rotterdam. She records in a stairwell.",
    voice=Voice(register_="plain", sample_lines=("I know every building by its cables.",)),
    personality=Personality(
        openness=0.6,
        conscientiousness=0.7,
        extraversion=0.3,
        agreeableness=0.5,
        neuroticism=0.4,
        taboos=("revenge",),
    ),
    genre_pack="synthwave",
    music=MusicalRanges(tempo_bpm=(90, 110)),
    themes=("night shifts", "old machines", "letters from the coast"),
    visual=ArtDirection(
        style=Style.NEON_HORIZON,
        palette=("#050816", "#5b2be0", "#f9f871"),
        motifs=(Motif.CITY, Motif.RAIN),
        display_typeface=DisplayTypeface.SYNE,
        text_typeface=TextTypeface.INTER,
    ),
    posting=PostingStyle(tone="dry and short"),
)


@dataclass
class House:
    """A gateway whose only model follows a script."""

    answers: Mapping[str, Sequence[JsonValue]] = field(default_factory=dict)
    small: bool = True
    make: type[ScriptedEndpoint] = ScriptedEndpoint

    def __post_init__(self) -> None:
        script = {**full_script(), **self.answers}
        self.endpoint = self.make(script, small=self.small)  # type: ignore[arg-type]
        target = Target(Line.to(self.endpoint), "scripted")
        ledger, clock = MemoryLedger(), ManualClock(NOW)
        limits = Limits(10**9, 10**9, 100, 100)
        self.gateway = Gateway(
            {"fast": [target], "smart": [target], "judge": [target]},
            accounts=Accounts(ledger, clock),
            budget=BudgetGuard(limits, ledger, clock),
            cache=MemoryAnswerCache(),
            loop_guard=LoopGuard(50),
        )

    def asked(self, prompt_id: str) -> list[str]:
        """Everything the model was shown for one prompt, a text a call."""
        return [
            "\n".join(f"{m.role}: {m.content}" for m in call.messages)
            for call in self.endpoint.calls
            if call.prompt.startswith(f"{prompt_id}@")
        ]

    def systems(self) -> str:
        """All system turns the model was given."""
        return "\n".join(
            m.content for call in self.endpoint.calls for m in call.messages if m.role == "system"
        )


def mood(arousal: float = 0.0) -> Mood:
    return Mood(arousal=arousal, at=NOW)


def remembered(
    text: str, kind: MemoryKind = "episodic", *, untrusted: bool = False, at: datetime = NOW
) -> Recalled:
    record = MemoryRecord(
        id=f"mem_{abs(hash(text)) % 10**8}",
        created_at=at,
        updated_at=at,
        artist_id="artist_1",
        kind=kind,
        text=text,
        happened_at=at,
        importance=0.5,
        untrusted=untrusted,
        text_sha256="0" * 64,
    )
    return Recalled(record=record, score=1, relevance=1, recency=1, importance=0.5)
