import pytest
from pydantic import ValidationError

from domain.choice import CreativeChoice


def test_choice_must_be_among_its_options() -> None:
    with pytest.raises(ValidationError, match="not among"):
        CreativeChoice(name="key", options=("A",), probabilities=(1.0,), chosen="B", seed=1)


@pytest.mark.parametrize("probabilities", [(0.5, 0.4), (1.5, -0.5), (1.0,)])
def test_probabilities_must_make_sense(probabilities: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        CreativeChoice(
            name="key", options=("A", "B"), probabilities=probabilities, chosen="A", seed=1
        )
