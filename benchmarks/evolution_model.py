"""A scripted model that does what its prompt says, and a reflection that reads what came of it.

It writes vague posts unless its system turn holds a known rule; rules that harm are known too. Its
reflection sees the records it is shown and nothing else, and answers with one rule more.
"""

from __future__ import annotations

import hashlib
import random
import re

from domain.ports.model import TokenUsage
from runtime.gateway.endpoint import EndpointCall, EndpointReply
from runtime.gateway.scripted import ScriptedEndpoint
from runtime.tokens import estimate_tokens

SUBJECT = "Say what the post is about in its own words."
FACTS = "Tell every fact that you are given."
THANKS = "Thank whoever listened when the post is about thanks."
FIGURES = "Claim no figure that you were not told."
RULES = (
    SUBJECT,
    FACTS,
    THANKS,
    FIGURES,
    "Be mysterious.",
    "Sound proud.",
    "Mention the weather.",
    "Write like a diary.",
    "Keep it warm.",
    "Say how many people heard it.",
)
BOASTS = RULES[-1]
CARELESS = 0.2
_ABOUT = re.compile(r"Post about: (?P<subject>.+?)\. True: (?P<facts>.+)$", re.S)
_WORDS = "The section as it is:\n"


class Obedient(ScriptedEndpoint):
    """Posts follow the rules of the system turn; other prompts are answered by the script."""

    async def chat(self, call: EndpointCall) -> EndpointReply:
        """The post, the section anew, or the script's answer."""
        prompt = call.prompt.partition("@")[0]
        if prompt == "post.update":
            return self._reply(call, _post(call))
        if prompt == "evolve.section":
            return self._reply(call, _section(call))
        return await super().chat(call)

    def _reply(self, call: EndpointCall, text: str) -> EndpointReply:
        self.calls.append(call)
        asked = sum(estimate_tokens(message.content) for message in call.messages)
        usage = TokenUsage(prompt_tokens=asked, completion_tokens=estimate_tokens(text))
        return EndpointReply(text=text, finish_reason="stop", usage=usage)


def rule_for(records: str, draw: random.Random) -> str:
    """By a fixed rule from what is complained of; now and then any rule at all."""
    fitting = []
    if "none of" in records:
        fitting += [SUBJECT, FACTS]
    if "thank" in records:
        fitting.append(THANKS)
    if "nobody told" in records:
        fitting.append(FIGURES)
    if not fitting or draw.random() < CARELESS:
        fitting = list(RULES)
    return draw.choice(fitting)


def _post(call: EndpointCall) -> str:
    system = call.messages[0].content
    found = _ABOUT.search(call.messages[-1].content)
    if found is None:
        return "I am at work in the quiet."
    says = [found["subject"]] if SUBJECT in system else []
    says += found["facts"].split("; ") if FACTS in system else []
    if THANKS in system and "thank" in found["subject"]:
        says.append("thank you")
    if BOASTS in system and FIGURES not in system:
        says.append("99 heard it")
    text = "; ".join(dict.fromkeys(says)) or "something is on its way"
    return f"I keep at it: {text}."


def _section(call: EndpointCall) -> str:
    shown, _, words = call.messages[-1].content.partition(_WORDS)
    digest = hashlib.sha256(f"{call.sampling.seed}/{shown}".encode()).digest()
    rule = rule_for(shown, random.Random(int.from_bytes(digest[:8], "big")))
    return words if rule in words or "<<user>>" in words else f"{words} {rule}"
