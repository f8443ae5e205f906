"""What must hold for every idea when composers develop it."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from media.compose import development as dev
from media.compose.motif import BROAD, BUSY, PLAIN, WIDEST_STEPS, Motif, invent
from media.compose.phrases import DERIVATIONS, PHRASE_BEATS, PHRASES

SEEDS = st.integers(0, 2**32)
MOTIFS = st.builds(
    lambda seed, rhythms: invent(Random(seed), rhythms),
    SEEDS,
    st.sampled_from((BROAD, PLAIN, BUSY)),
)


def _moves(motif: Motif) -> list[int]:
    return [b - a for a, b in zip(motif.degrees, motif.degrees[1:], strict=False)]


@given(MOTIFS)
def test_ideas_are_short_narrow_and_move(motif: Motif) -> None:
    assert len(motif.onsets) == len(motif.degrees) >= 2
    assert max(motif.degrees) - min(motif.degrees) <= WIDEST_STEPS + 1
    assert len(set(motif.degrees)) > 1


@given(MOTIFS, st.integers(-7, 7), st.integers(-7, 7))
def test_sequences_add_up_and_keep_the_shape(motif: Motif, a: int, b: int) -> None:
    assert dev.sequence(dev.sequence(motif, a), b) == dev.sequence(motif, a + b)
    assert _moves(dev.sequence(motif, a)) == _moves(motif)


@given(MOTIFS)
def test_inversion_mirrors_and_returns(motif: Motif) -> None:
    assert _moves(dev.invert(motif)) == [-move for move in _moves(motif)]
    assert dev.invert(dev.invert(motif)) == motif


@given(MOTIFS)
def test_reversal_returns_and_keeps_the_rhythm(motif: Motif) -> None:
    assert dev.reverse(motif).onsets == motif.onsets
    assert dev.reverse(dev.reverse(motif)) == motif


@given(MOTIFS)
def test_augmentation_and_diminution_undo_each_other(motif: Motif) -> None:
    assert dev.augment(motif).beats == 2 * motif.beats
    assert dev.diminish(dev.augment(motif)) == motif


@given(MOTIFS, SEEDS)
def test_variation_moves_one_note_by_a_step(motif: Motif, seed: int) -> None:
    varied = dev.vary(motif, Random(seed))
    apart = [abs(a - b) for a, b in zip(motif.degrees, varied.degrees, strict=True)]
    assert sorted(apart)[-2:] == [0, 1]
    assert varied.onsets == motif.onsets
    assert varied.degrees[0] == motif.degrees[0]


@given(MOTIFS, SEEDS)
def test_ornaments_only_add(motif: Motif, seed: int) -> None:
    decorated = dev.ornament(motif, Random(seed))
    pairs = set(zip(decorated.onsets, decorated.degrees, strict=True))
    assert set(zip(motif.onsets, motif.degrees, strict=True)) <= pairs
    assert len(decorated.onsets) - len(motif.onsets) in (0, 1)
    assert list(decorated.onsets) == sorted(set(decorated.onsets))


@given(MOTIFS, MOTIFS)
def test_joined_ideas_follow_each_other(a: Motif, b: Motif) -> None:
    joined = dev.join(a, b)
    assert joined.beats == a.beats + b.beats
    assert joined.degrees == a.degrees + b.degrees
    assert list(joined.onsets) == sorted(joined.onsets)


@given(MOTIFS, SEEDS)
def test_every_phrase_fills_two_bars(motif: Motif, seed: int) -> None:
    for develop in PHRASES.values():
        phrase = develop(motif, Random(seed))
        assert phrase.beats == PHRASE_BEATS
        assert all(0 <= onset < PHRASE_BEATS for onset in phrase.onsets)
    for derive in DERIVATIONS.values():
        assert derive(motif, Random(seed)).beats == motif.beats


@given(MOTIFS)
def test_height_is_exact_on_notes_and_between_them_otherwise(motif: Motif) -> None:
    for onset, degree in zip(motif.onsets, motif.degrees, strict=True):
        assert motif.degree_at(onset) == degree
    low, high = min(motif.degrees), max(motif.degrees)
    assert all(low <= motif.degree_at(step / 8) <= high for step in range(40))
