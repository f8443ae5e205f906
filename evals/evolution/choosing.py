"""Which prompts are evolved, and by which suite."""

from __future__ import annotations

from collections.abc import Callable

from domain.errors import InvalidInput
from evals.suite import Suite, load_suite
from evals.suites import SHIPPED as SUITES
from prompts import SHIPPED, Form, Prompt

Pick = Callable[[bool], tuple[Prompt, ...]]


def chosen(what: str) -> tuple[Suite, Pick]:
    """A suite with all that may evolve there, or one prompt with the suite that scores it.

    The prompts come in the form that a small or a large model is given.
    """
    if what in SUITES or what.endswith((".yaml", ".yml")):
        suite = load_suite(what)
        return suite, lambda small: _forms(suite.evolves, small)
    known = {name: suite for suite in map(load_suite, SUITES) for name in suite.evolves}
    prompt_id = what.partition("@")[0]
    if prompt_id not in known:
        raise InvalidInput(
            f"no suite evolves {what!r}",
            field="prompt",
            remedy=f"Name a suite or one of: {', '.join(sorted(known))}.",
        )
    return known[prompt_id], lambda small: _forms((prompt_id,), small)


def _forms(names: tuple[str, ...], small: bool) -> tuple[Prompt, ...]:
    wanted: Form = "short" if small else "long"
    forms = {(prompt.header.id, prompt.header.form): prompt for prompt in SHIPPED}
    other: Form = "long" if small else "short"
    return tuple(forms.get((name, wanted)) or forms[name, other] for name in names)
