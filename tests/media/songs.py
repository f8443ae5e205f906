"""Songs for tests: words of our own, and sketches of four bars that render in a second."""

from __future__ import annotations

from domain.genre import FormSection
from domain.score import BriefOverrides, LyricSection, MoodPoint, SongBrief

VERSE = (
    "I left my coat beside the water",
    "The gravel sang beneath my feet",
    "I wrote a letter to my daughter",
    "And folded it in Sunday's sheet",
)
CHORUS = (
    "Oh the river keeps its patience",
    "Carries every name it knows",
    "I will mend the old foundations",
    "I will wait here for the snow",
)
SKETCH_FORM = (FormSection(name="chorus", bars=4, energy=0.95, sung=True),)


def full_brief(pack_id: str, seed: int = 1, mood: MoodPoint | None = None) -> SongBrief:
    """A whole song."""
    return SongBrief(
        title="River Road",
        pack_id=pack_id,
        seed=seed,
        lyrics=(
            LyricSection(section="verse", lines=VERSE),
            LyricSection(section="chorus", lines=CHORUS),
        ),
        mood=mood or MoodPoint(),
    )


def sketch_brief(pack_id: str, seed: int = 1, tempo_bpm: float | None = None) -> SongBrief:
    """Four bars with one sung line."""
    return SongBrief(
        title="Sketch",
        pack_id=pack_id,
        seed=seed,
        lyrics=(LyricSection(section="chorus", lines=CHORUS[:1]),),
        overrides=BriefOverrides(form=SKETCH_FORM, tempo_bpm=tempo_bpm),
    )
