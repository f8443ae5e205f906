"""Has the model write a section anew; code refuses what is no prompt, and says why."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.seeds import derive_seed
from domain.errors import InvalidInput
from domain.ports.model import CallScope, ModelGateway, ModelRequest, Sampling
from evals.evolution.search import Feedback, Texts
from evals.evolution.sections import with_sections
from prompts import SHIPPED, Prompt

PROMPT = "evolve.section"
TRIES = 2
_FENCE = re.compile(r"^```\w*\n?|\n?```$")
_SAMPLING = Sampling(max_tokens=900, temperature=0.9)


class Writer:
    """Asks the gateway's smart tier; every refusal is kept, and told to the next try."""

    def __init__(self, gateway: ModelGateway, prompts: Sequence[Prompt], seed: int) -> None:
        self._gateway = gateway
        self._prompts = {prompt.header.id: prompt for prompt in prompts}
        self._seed = seed
        self._asked = 0
        self.refused: list[str] = []

    async def write(self, texts: Texts, section: str, seen: Sequence[Feedback]) -> str | None:
        """New words that still make a prompt; None when no try gave any."""
        reason = ""
        for _ in range(TRIES):
            text = await self._ask(texts[section], section, seen, reason)
            try:
                with_sections(self._prompts[section.partition("/")[0]], {**texts, section: text})
            except InvalidInput as error:
                reason = error.message
                self.refused.append(reason)
            else:
                return text
        return None

    async def _ask(self, words: str, section: str, seen: Sequence[Feedback], reason: str) -> str:
        self._asked += 1
        form = "short" if (await self._gateway.traits("smart")).small else "long"
        prompt = SHIPPED.load(PROMPT, "short" if form == "short" else "long")
        header = self._prompts[section.partition("/")[0]].header
        messages = prompt.render(
            part=section.partition("/")[2],
            task=header.description,
            words=words,
            inputs=[f"{{{{ {name} }}}}" for name in header.inputs if name in words],
            seen=[f"{name}: {value}" for one in seen for name, value in one.items()],
            refused=reason,
        )
        seed = derive_seed(self._seed, section, self._asked)
        answer = await self._gateway.complete(
            ModelRequest(
                tier=prompt.header.tier,
                prompt=prompt.ref,
                messages=messages,
                sampling=_SAMPLING.model_copy(update={"seed": seed}),
                scope=CallScope(step="evolve"),
            )
        )
        return _FENCE.sub("", answer.text.strip()).strip()
