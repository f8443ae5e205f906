"""Takes the weaker side out of every contradiction a draft may hold, and says so."""

from __future__ import annotations

from agents.report import Notebook
from agents.wording import without_known
from domain.profile import Profile


def mended(profile: Profile, notes: Notebook) -> Profile:
    """What the artist loves, sings and says stays; what it rejects gives way."""
    who, voice = profile.personality, profile.voice
    anti = without_known(who.anti_influences, profile.influences)
    taboos = without_known(who.taboos, (*profile.themes, *who.values))
    avoided = without_known(voice.avoided_words, voice.vocabulary)
    forbidden = [word.casefold() for word in (*avoided, *taboos)]
    samples = tuple(
        line for line in voice.sample_lines if not any(w in line.casefold() for w in forbidden)
    )
    pairs = (
        ("personality.anti_influences", who.anti_influences, anti),
        ("personality.taboos", who.taboos, taboos),
        ("voice.avoided_words", voice.avoided_words, avoided),
        ("voice.sample_lines", voice.sample_lines, samples),
    )
    for field, before, after in pairs:
        for lost in (entry for entry in before if entry not in after):
            notes.note(f"{field}: dropped {lost!r}, which contradicts another field")
    return profile.model_copy(
        update={
            "personality": who.model_copy(update={"anti_influences": anti, "taboos": taboos}),
            "voice": voice.model_copy(update={"avoided_words": avoided, "sample_lines": samples}),
        }
    )
