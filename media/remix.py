"""Re-mixes: the same song balanced by other decisions, steering at the gates that failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from domain.errors import InvalidInput
from domain.genre import GenrePack, MixTargets, Part, Range, Role, VocalStyle
from media.gates.ranges import DEFAULTS

Change = Callable[[GenrePack], GenrePack]

# Aiming at the middle half of a range leaves the gate a quarter on either side.
MIDDLE_SHARE = 0.5
OPEN_SPAN_SHARE = 0.25
LEVELS_LUFS = (-50.0, -8.0)
DEEPEST_DUCK_DB, WIDEST_RANGE_DB = 9.0, 24.0
_MELODIC: tuple[Part, ...] = ("chords", "strum", "pick", "arp", "bass")


def remix(pack: GenrePack, *, take: int = 0, repair: Sequence[str] = ()) -> GenrePack:
    """The pack as this take mixes it: take 0 is the pack itself, equal arguments give equals.

    Gates named in `repair` are steered at, further with each take; without any the takes go
    round: the voice forward, wider, drier with more drums, softer. Gates that no mix can mend
    (such as the score's) change nothing of their own.
    """
    if take < 0:
        raise InvalidInput("a take is counted from 0", field="mix_take", remedy="pass 0 or more")
    if take == 0:
        return pack
    remedies = [REMEDIES[gate] for gate in dict.fromkeys(repair) if gate in REMEDIES]
    for remedy in remedies:
        pack = remedy(take)(pack)
    return pack if remedies else TASTES[(take - 1) % len(TASTES)](pack)


def _mixed(pack: GenrePack, **update: float) -> GenrePack:
    """The pack with other mix targets, kept inside their limits by validation."""
    mix = MixTargets.model_validate(pack.mix.model_dump() | update)
    return pack.model_copy(update={"mix": mix})


def _each_role(pack: GenrePack, change: Callable[[Role], dict[str, float]]) -> GenrePack:
    roles = {
        name: role.model_copy(update=change(role)) for name, role in pack.roles.items()
    }  # fmt: skip
    return pack.model_copy(update={"roles": roles})


def _louder(parts: Sequence[Part], db: float, pack: GenrePack) -> GenrePack:
    low, high = LEVELS_LUFS
    return _each_role(
        pack,
        lambda role: (
            {"level_lufs": min(high, max(low, role.level_lufs + db))} if role.part in parts else {}
        ),
    )


def _drier(parts: Sequence[Part], factor: float, pack: GenrePack) -> GenrePack:
    return _each_role(
        pack, lambda role: {"reverb_send": role.reverb_send * factor} if role.part in parts else {}
    )


def _forward(db: float, reverb: float, duck_db: float, pack: GenrePack) -> GenrePack:
    """The voice nearer: louder, drier, and a band that steps back further."""
    duck = min(DEEPEST_DUCK_DB, pack.vocal.duck_db + duck_db)
    vocal = VocalStyle.model_validate(pack.vocal.model_dump() | {"duck_db": duck})
    nearer = _drier(("vocal",), reverb, _louder(("vocal",), db, pack))
    return nearer.model_copy(update={"vocal": vocal})


def _wider(pack: GenrePack) -> GenrePack:
    room = min(2.0, pack.mix.reverb_level * 1.15)
    spread = _each_role(pack, lambda role: {"pan": max(-1.0, min(1.0, role.pan * 1.4))})
    return aim(_mixed(spread, reverb_level=room), "stereo")


def _punchier(pack: GenrePack) -> GenrePack:
    return _mixed(_louder(("drums",), 1.5, pack), reverb_level=pack.mix.reverb_level * 0.65)


def _softer(pack: GenrePack) -> GenrePack:
    quiet = _louder(("drums", "bass"), -1.0, pack)
    return _mixed(quiet, high_shelf_db=max(-6.0, pack.mix.high_shelf_db - 1.5), glue_ratio=1.2)


TASTES: tuple[Change, ...] = (partial(_forward, 1.5, 0.6, 0.5), _wider, _punchier, _softer)


def aim(pack: GenrePack, gate: str) -> GenrePack:
    """Narrow the range a gate asks for to its middle, which mix and master steer at."""
    asked = pack.gates.ranges.get(gate, DEFAULTS[gate])
    ranges = pack.gates.ranges | {gate: _middle(asked)}
    return pack.model_copy(update={"gates": pack.gates.model_copy(update={"ranges": ranges})})


def _middle(span: Range) -> Range:
    if span.low is None or span.high is None:
        shift = OPEN_SPAN_SHARE * abs(span.low or span.high or 0.0)
        low = None if span.low is None else span.low + shift
        return Range(low=low, high=None if span.high is None else span.high - shift)
    cut = (1.0 - MIDDLE_SHARE) / 2.0 * (span.high - span.low)
    return Range(low=span.low + cut, high=span.high - cut)


def _steer(gate: str, take: int) -> Change:
    return lambda pack: aim(pack, gate)


def _clearer_words(take: int) -> Change:
    return partial(_forward, 1.5 * take, 0.55, 1.2 * take)


def _clearer_sections(take: int) -> Change:
    """Sections that differ more in level; the range gate still bounds them."""
    return lambda pack: _mixed(
        pack, dynamic_range_db=min(WIDEST_RANGE_DB, pack.mix.dynamic_range_db + 1.5 * take)
    )


def _clearer_beat(take: int) -> Change:
    return partial(_louder, ("drums",), 1.5 * take)


def _clearer_harmony(take: int) -> Change:
    return lambda pack: _louder(_MELODIC, 0.75 * take, _louder(("drums",), -1.5 * take, pack))


def _other_crest(take: int) -> Change:
    """A failing crest is mostly too low, from bass and glue; every second take tries the other."""
    if take % 2:
        return lambda pack: _mixed(
            pack, low_shelf_db=max(-6.0, pack.mix.low_shelf_db - 1.5 * take), glue_ratio=1.0
        )
    return lambda pack: _mixed(pack, glue_ratio=min(6.0, pack.mix.glue_ratio + 1.0))


REMEDIES: dict[str, Callable[[int], Change]] = {
    "centroid": partial(_steer, "centroid"),
    "stereo": partial(_steer, "stereo"),
    "loudness_range": partial(_steer, "loudness_range"),
    "crest": _other_crest,
    "words": _clearer_words,
    "intelligibility": _clearer_words,
    "structure": _clearer_sections,
    "tempo": _clearer_beat,
    "key": _clearer_harmony,
}
