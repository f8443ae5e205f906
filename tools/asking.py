"""Puts a song into words, for generators that read no score."""

from __future__ import annotations

from domain.genre import GenrePack, Mode
from domain.profile import Profile
from domain.requests import MusicAsk
from domain.score import MoodPoint, Score
from domain.singer import INSTRUMENTAL, Singer
from domain.work import Work

FELT = 0.15
STYLE_CHARS = 900
_PLAIN_MODES: dict[Mode, str] = {"ionian": "major", "aeolian": "minor"}


def ask_for(
    work: Work, score: Score, pack: GenrePack, profile: Profile, singer: Singer | None
) -> MusicAsk:
    """The whole song in words: style, words to sing, length, tempo and key.

    An artist whose words the embedded voice cannot sing may still be sung from outside. Names of
    other artists never enter the style: influences are the profile's, not the song's.
    """
    unsung = profile.music.singer == INSTRUMENTAL or (not pack.vocal.sung and singer is None)
    return MusicAsk(
        title=work.title,
        style=style_of(score, pack, work.concept.theme, singer, instrumental=unsung),
        lyrics=() if unsung else work.lyrics,
        language=profile.languages[0],
        instrumental=unsung or not work.lyrics,
        duration_s=score.duration_s,
        tempo_bpm=score.tempo_bpm,
        key=score.key,
        mode=score.mode,
        seed=score.seed,
    )


def style_of(
    score: Score, pack: GenrePack, theme: str, singer: Singer | None, *, instrumental: bool
) -> str:
    """Genre, instruments, mood, tempo, key and voice in a few sentences."""
    instruments = ", ".join(
        dict.fromkeys(t.voice.replace("-", " ") for t in score.tracks if t.part != "riser")
    )
    mode = _PLAIN_MODES.get(score.mode, score.mode)
    voice = "Instrumental, no vocals" if instrumental else _voice(singer)
    text = (
        f"{pack.name}: {pack.description} About {theme}. Mood: {feeling(score.mood)}. "
        f"{score.tempo_bpm:g} BPM, {score.key} {mode}, 4/4. {voice}. Instruments: {instruments}."
    )
    return text if len(text) <= STYLE_CHARS else text[:STYLE_CHARS].rsplit(" ", 1)[0]


def feeling(mood: MoodPoint) -> str:
    """A mood in two words, after the quadrants of Russell (1980)."""
    energy = "energetic" if mood.arousal > FELT else "calm" if mood.arousal < -FELT else "steady"
    tone = "bright" if mood.valence > FELT else "dark" if mood.valence < -FELT else "wistful"
    return f"{tone}, {energy}"


def _voice(singer: Singer | None) -> str:
    return f"Sung by {singer.description.rstrip('.').lower()}" if singer else "Sung"
