import pytest

from domain.score import LyricSection
from media.voice.readiness import why_not_sung
from tests.media.voice.songs import LINE, OTHER, PLAIN


def words(*lines: str) -> tuple[LyricSection, ...]:
    return (LyricSection(section="verse", lines=lines),)


@pytest.mark.parametrize(
    "lyrics",
    [
        None,
        words(LINE, OTHER),
        words(LINE, "", "Oh — oh … oh"),
        words("Café on the corner", "My naïve old heart ♥"),
    ],
)
def test_english_is_sung(lyrics: tuple[LyricSection, ...] | None) -> None:
    assert why_not_sung(lyrics, "en", PLAIN) is None


@pytest.mark.parametrize(
    ("lyrics", "language", "names"),
    [
        (words(LINE), "de", "'de'"),
        (None, "he", "'he'"),
        (words("🔥🔥🔥 🌊", "💔 💔"), "en", "🔥"),
        (words("שלום עולם", "אני שר"), "en", "שלום"),
        (words("Мой дом у реки"), "en", "Мой"),
        (words("1984 2020", "42"), "en", "1984"),
        (words("", "  "), "en", "no words"),
    ],
)
def test_what_cannot_be_sung_is_said_in_a_sentence(
    lyrics: tuple[LyricSection, ...] | None, language: str, names: str
) -> None:
    reason = why_not_sung(lyrics, language, PLAIN)
    assert reason is not None
    assert names in reason
    assert reason.endswith(".")
    assert "instrument" in reason


def test_long_complaints_are_cut() -> None:
    reason = why_not_sung(words(" ".join(f"{n}" for n in range(400))), "en", PLAIN)
    assert reason is not None
    assert "395 more" in reason
    assert len(reason) < 200
