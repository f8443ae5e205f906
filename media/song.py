"""Render a score to a finished song: stems, mix, master, files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from zlib import crc32

from pydantic import BaseModel, ConfigDict

from domain.errors import PartMissing
from domain.genre import GenrePack
from domain.score import Score, Track
from domain.singer import Singer
from media import soundfont
from media.deliver import Deliverables, deliver
from media.effects.chain import Context
from media.encode import write_flac
from media.files import write_atomically
from media.master import tone, trim
from media.midi import score_to_midi
from media.mixing.desk import Desk, Mixdown
from media.mixing.shelf import Shelf
from media.notation.lrc import score_to_lrc
from media.notation.musicxml import score_to_musicxml
from media.remix import remix
from media.sound import SAMPLE_RATE_HZ, Sound
from media.steer import steer, wanted
from media.synth.track import render_track
from media.voice.stems import VocalStem

RELEASE_S = 4.0
LONG_ENOUGH_S = 30.0
Progress = Callable[[str, float], None]


class SheetFiles(BaseModel):
    """What is written of the score besides its sound."""

    model_config = ConfigDict(frozen=True)

    midi: Path
    score: Path
    musicxml: Path
    lyrics: Path | None


class RenderedSong(Deliverables, SheetFiles):
    """What a rendering left behind, and what was measured on the way.

    `voice` is the dry lead when somebody sang. The stems sum up to the mix before mastering,
    `stem_gain_db` lower.
    """

    sung: bool
    voice: Path | None
    stems: tuple[Path, ...]
    stem_gain_db: float
    automation_depth: float
    voice_lift_db: float | None


def silent_progress(stage: str, share: float) -> None:
    """Report to nobody."""


def render_song(
    score: Score, pack: GenrePack, out_dir: Path, soundfont_sf2: Path | None,
    progress: Progress = silent_progress, *, singer: Singer | None = None,
    voice_model: Path | None = None, stems: bool = False, mix_take: int = 0,
    repair: Sequence[str] = (),
) -> RenderedSong:  # fmt: skip
    """Render into `out_dir`: song.flac, .mp3, .ogg and .mid, score.json and .musicxml.

    Lyrics come as lyrics.lrc. With a singer, a voice model and lyrics the vocal track is sung,
    and voice.flac holds the dry lead; otherwise its instrument plays it. `stems` writes
    stems/NN-role.flac, 24 bits, after strip and bus and before mastering, the rooms as stems of
    their own; they sum up to the mix. Each `mix_take` above 0 balances anew, steering at the
    gates named in `repair`. The same arguments give the same PCM on one machine.
    `soundfont_sf2` comes from `media.soundfont.prepare`, `voice_model` from
    `media.voice.model.prepare`; a pack that only synthesises needs no sound font.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    pack = remix(pack, take=mix_take, repair=repair)
    sheets = _write_sheets(score, out_dir)
    voice = _Voice(score, pack, singer, voice_model, out_dir)
    mixdown, stem_files, stem_gain_db = _mix(score, pack, soundfont_sf2, voice, stems, progress)
    soundfont.forget()
    progress("master", 0.7)
    shaped = _shape(score, pack, mixdown)
    done = deliver(
        shaped, SAMPLE_RATE_HZ, out_dir, seed=score.seed,
        progress=lambda stage, share: progress(stage, 0.8 + 0.19 * share),
    )  # fmt: skip
    progress("done", 1.0)
    return RenderedSong(
        **done.model_dump(),
        **sheets.model_dump(),
        sung=voice.sung,
        voice=voice.dry,
        stems=stem_files,
        stem_gain_db=stem_gain_db,
        automation_depth=mixdown.automation_depth,
        voice_lift_db=mixdown.voice_lift_db,
    )


class _Voice:
    """The singer at work: yields the sung stems once and keeps the dry lead as a file."""

    def __init__(
        self, score: Score, pack: GenrePack, singer: Singer | None, model: Path | None,
        out_dir: Path,
    ) -> None:  # fmt: skip
        self._score, self._pack, self._singer, self._model = score, pack, singer, model
        self.folder = out_dir
        self.sung = bool(singer and model and score.lyrics and score.vocal)
        self.dry: Path | None = None

    def stems(self, samples: int) -> Iterator[VocalStem]:
        """Sing, if somebody does."""
        if not (self.sung and self._singer and self._model):
            return
        # The voice brings onnxruntime and WORLD along, which only a sung song should load.
        from media.voice.sing import sing  # noqa: PLC0415

        sung = sing(self._score, self._pack, self._singer, self._model, samples, SAMPLE_RATE_HZ)
        for stem in sung:
            if stem.part == "lead":
                self.dry = self.folder / "voice.flac"
                write_flac(self.dry, stem.sound, SAMPLE_RATE_HZ)
            yield stem


def _mix(
    score: Score, pack: GenrePack, sf2: Path | None, voice: _Voice, keep: bool, progress: Progress
) -> tuple[Mixdown, tuple[Path, ...], float]:
    samples = int((score.duration_s + RELEASE_S) * SAMPLE_RATE_HZ)
    span = wanted(pack, "loudness_range") if score.duration_s >= LONG_ENOUGH_S else None
    with ExitStack() as stack:
        shelf = stack.enter_context(Shelf(voice.folder / "stems")) if keep else None
        desk = Desk(score, pack, samples, SAMPLE_RATE_HZ, range_lu=span, keeper=shelf)
        _record(score, desk, sf2, voice, samples, progress)
        progress("mix", 0.62)
        mixdown = desk.mix_down()
        if shelf is None:
            return mixdown, (), 0.0
        progress("stems", 0.66)
        return mixdown, *shelf.write(mixdown.processing, SAMPLE_RATE_HZ)


def _record(
    score: Score, desk: Desk, sf2: Path | None, voice: _Voice, samples: int, progress: Progress
) -> None:
    """Bring every part to the desk: the voice first, so that its models are gone again."""
    begin = 0.3 if voice.sung else 0.0
    if voice.sung and score.vocal is not None:
        progress("voice", 0.0)
        for stem in voice.stems(samples):
            progress(f"voice {stem.part}", 0.25)
            desk.sing(score.vocal, stem)
    band = [wordless(t, score) if voice.sung and t.part == "vocal" else t for t in score.tracks]
    band = [track for track in band if track.notes]
    for index, track in enumerate(band):
        progress(f"stem {track.role}", begin + (0.6 - begin) * index / len(band))
        desk.play(track, render_stem(track, score.tempo_bpm, sf2, samples))


def wordless(vocal: Track, score: Score) -> Track:
    """What of the vocal track has no words: an instrument plays it where nobody can sing it."""
    sung = {syllable.note for line in score.lyrics for syllable in line.syllables}
    notes = tuple(note for i, note in enumerate(vocal.notes) if i not in sung)
    return vocal.model_copy(update={"notes": notes})


def render_stem(track: Track, tempo_bpm: float, sf2: Path | None, samples: int) -> Sound:
    """One dry stem by the engine its voice asks for."""
    if track.engine == "synth":
        return render_track(track, tempo_bpm, samples, SAMPLE_RATE_HZ)
    if sf2 is None:
        raise PartMissing(
            f"{track.voice!r} needs a sound font and none is set",
            field="soundfont",
            remedy="restore packs/soundfonts/FluidR3Mono_GM.sf3 or set its path",
        )
    return soundfont.render_track(track, sf2, tempo_bpm, samples, SAMPLE_RATE_HZ)


def _shape(score: Score, pack: GenrePack, mixdown: Mixdown) -> Sound:
    context = Context(SAMPLE_RATE_HZ, score.tempo_bpm, crc32(f"{score.seed}:bus".encode()))
    shaped = steer(tone(mixdown.sound, pack, context), pack, SAMPLE_RATE_HZ)
    return trim(shaped, SAMPLE_RATE_HZ, earliest_s=score.duration_s * 0.9)


def _write_sheets(score: Score, out_dir: Path) -> SheetFiles:
    sheets = SheetFiles(
        midi=out_dir / "song.mid",
        score=out_dir / "score.json",
        musicxml=out_dir / "score.musicxml",
        lyrics=out_dir / "lyrics.lrc" if score.lyrics else None,
    )
    write_atomically(sheets.midi, score_to_midi(score))
    write_atomically(sheets.score, score.model_dump_json(indent=1).encode())
    write_atomically(sheets.musicxml, score_to_musicxml(score))
    if sheets.lyrics is not None:
        write_atomically(sheets.lyrics, score_to_lrc(score).encode())
    return sheets
