"""Where a song lies in a voice."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.genre import GenrePack
from domain.score import SongBrief

NARROWEST = 5
WIDEST = 18
OCTAVE = 12


@dataclass(frozen=True)
class Register:
    """Lowest and highest pitch of the melody in its home key."""

    low: int
    high: int

    def at(self, share: float) -> float:
        """The pitch at a share of the register, 0 lowest, 1 highest."""
        return self.low + (self.high - self.low) * share


def vocal_register(brief: SongBrief, pack: GenrePack, key_changes: tuple[int, ...]) -> Register:
    """The genre's register moved into the singer's range, with room for the key changes.

    Without a singer it is the genre's own. The melody is as wide as both allow; a singer whose
    range lies elsewhere sings it in the octave, or at the pitch, where it fits.
    """
    down, up = min(0, *key_changes), max(0, *key_changes)
    low, high = pack.vocal_range
    if brief.singer is not None:
        low, high = _into(low, high, brief.singer.low, brief.singer.high)
    low, high = low - down, high - up
    if high - low > WIDEST:
        trim = high - low - WIDEST
        low, high = low + trim // 2, high - (trim - trim // 2)
    if high - low < NARROWEST:
        raise InvalidInput(
            f"a melody has {max(0, high - low)} semitones of room and needs {NARROWEST}",
            field=_narrowest(brief, pack),
            remedy="widen the range, or change key by less",
        )
    return Register(low, high)


def _into(low: int, high: int, lowest: int, highest: int) -> tuple[int, int]:
    """Move a range by octaves to the nearest place, then by what is left, into another."""
    octaves = round(((lowest + highest) - (low + high)) / 2 / OCTAVE)
    low, high = low + octaves * OCTAVE, high + octaves * OCTAVE
    if high - low >= highest - lowest:
        return lowest, highest
    move = max(0, lowest - low) - max(0, high - highest)
    return low + move, high + move


def _narrowest(brief: SongBrief, pack: GenrePack) -> str:
    """The field to blame: whichever range is narrower than the rest."""
    low, high = pack.vocal_range
    if brief.singer is not None and brief.singer.high - brief.singer.low < high - low:
        return "singer"
    return "vocal_range" if high - low < OCTAVE else "form"
