"""Tasks whose score depends on a prompt's text and can be computed: two published, one of ours.

- **Verifiable instructions** after IFEval (Zhou et al. 2023, arXiv:2311.07911): twelve of its kinds
  of instruction, one to three a case, checked on the answer's text; the score is its accuracy by
  instruction. The scripted solver follows a kind only if its prompt has a rule for it, and heeds
  the first nine rules only.
- **NK landscape** (Kauffman and Weinberger 1989, J. Theor. Biol. 141): twelve rules there or not,
  each worth what a random table says of itself and three others. A case shows one rule's worth,
  with noise.
- **Posts**: the shipped suite's updates, its task and scorers, answered by `Obedient`.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.evolution_model import CARELESS, RULES, Obedient, rule_for
from domain.errors import GreenroomError
from domain.evaluation import Case
from domain.ports.model import CallScope, ModelGateway
from evals.books import TrialBook
from evals.evolution.search import Feedback, Texts, Trial
from evals.evolution.sections import replaced, sections_of
from evals.suite import Answered, Desk, load_suite
from prompts import SHIPPED
from runtime.clock import SystemClock
from runtime.embedder import MiniLmEmbedder
from runtime.gateway.accounts import Accounts
from runtime.gateway.budget import BudgetGuard, Limits
from runtime.gateway.gateway import Gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.gateway.loop_guard import LoopGuard
from runtime.gateway.target import Line, Target
from runtime.shared.answers import MemoryAnswerCache

HEEDED = 9
CASES = 24
LOCI, LINKS, NOISE = 12, 3, 0.05
SECTION = "rules"
Edit = Callable[[str, random.Random], str]
Reflect = Callable[[str, Sequence[Feedback], random.Random], str]
Rollout = Callable[[Texts, Sequence[str]], Sequence[Trial]]


@dataclass(frozen=True)
class Puzzle:
    """A task as all methods meet it: `edit` is blind, `reflect` sees what it is given."""

    name: str
    section: str
    start: str
    training: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    rollouts: Rollout
    edit: Edit
    reflect: Reflect


CHECKS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "punctuation:no_comma": ("", lambda text: "," not in text),
    "change_case:english_lowercase": ("", lambda text: text == text.lower()),
    "startend:quotation": ("", lambda text: text[:1] == text[-1:] == '"'),
    "detectable_content:postscript": ("\np.s. more", lambda text: "\np.s." in text.lower()),
    "detectable_format:title": ("\n<<a title>>", lambda text: "<<" in text and ">>" in text),
    "detectable_format:number_bullet_lists": ("\n* a\n* b", lambda text: text.count("\n* ") == 2),
    "detectable_format:number_highlighted_sections": (
        " *so* it *is*", lambda text: text.count("*so*") + text.count("*is*") == 2
    ),
    "detectable_content:number_placeholders": (" [name] [day]", lambda t: t.count("[") >= 2),
    "length_constraints:number_sentences": (" one. two. three.", lambda t: t.count(".") >= 3),
    "combination:two_responses": ("\n******\nagain", lambda text: "******" in text),
    "keywords:existence": (" harbour", lambda text: "harbour" in text.lower()),
    "startend:end_checker": ("\nany other questions?", lambda t: "any other questions?" in t),
}  # fmt: skip
USELESS = ("Be bold.", "Take your time.", "Be an expert.", "Think hard.", "Be kind.", "Be brief.")


def _follows(kind: str) -> str:
    return f"Follow {kind}."


def verifiable(seed: int) -> Puzzle:
    """Cases drawn by the seed; the complaint names the instructions that were not followed."""
    draw = random.Random(f"cases/{seed}")
    cases = {i: draw.sample(list(CHECKS), draw.randint(1, 3)) for i in _ids()}

    def rollouts(texts: Texts, case_ids: Sequence[str]) -> list[Trial]:
        heeded = texts[SECTION].splitlines()[:HEEDED]
        trials = []
        for case_id in case_ids:
            text = _answer({kind for kind in cases[case_id] if _follows(kind) in heeded})
            missed = [kind for kind in cases[case_id] if not CHECKS[kind][1](text)]
            score = 1 - len(missed) / len(cases[case_id])
            trials.append(_trial(case_id, score, texts, {"missed": " ".join(missed)}))
        return trials

    rules = (*map(_follows, CHECKS), *USELESS)

    def reflect(text: str, seen: Sequence[Feedback], rng: random.Random) -> str:
        blamed = [_follows(kind) for one in seen for kind in one["missed"].split()]
        if not blamed or rng.random() < CARELESS:
            return _toggled(text, rng.choice(rules))
        rule = rng.choice(blamed)
        kept = [line for line in text.splitlines() if line != rule]
        return "\n".join((rule, *kept))

    return _puzzle("verifiable instructions", "\n".join(USELESS[:4]), rollouts, rules, reflect)


def _answer(kinds: set[str]) -> str:
    text = "Well, here it is" + "".join(CHECKS[kind][0] for kind in CHECKS if kind in kinds)
    if "punctuation:no_comma" in kinds:
        text = text.replace(",", "")
    if "change_case:english_lowercase" in kinds:
        text = text.lower()
    return f'"{text}"' if "startend:quotation" in kinds else text


def landscape(seed: int) -> Puzzle:
    """The table is drawn by the seed; the complaint names the rules that bear on a low worth."""
    draw = random.Random(f"landscape/{seed}")
    rules = tuple(f"Rule {n}." for n in range(LOCI))
    links = [(n, *draw.sample([m for m in range(LOCI) if m != n], LINKS)) for n in range(LOCI)]

    def rollouts(texts: Texts, case_ids: Sequence[str]) -> list[Trial]:
        held = set(texts[SECTION].splitlines())
        trials = []
        for case_id in case_ids:
            locus = int(case_id[1:]) % LOCI
            bits = [rules[n] in held for n in links[locus]]
            worth = random.Random(f"{seed}/{locus}/{bits}").random()
            noise = random.Random(f"{seed}/{case_id}/{sorted(held)}").gauss(0.0, NOISE)
            score = min(1.0, max(0.0, worth + noise))
            said = {"score": f"{score:.3f}", "bears": " ".join(str(n) for n in links[locus])}
            trials.append(_trial(case_id, score, texts, said))
        return trials

    def reflect(text: str, seen: Sequence[Feedback], rng: random.Random) -> str:
        if rng.random() < CARELESS:
            return _toggled(text, rng.choice(rules))
        worst = min(seen, key=lambda one: float(one["score"]))
        return _toggled(text, rules[int(rng.choice(worst["bears"].split()))])

    return _puzzle("NK landscape", "", rollouts, rules, reflect)


def posts(seed: int) -> Puzzle:
    """The shipped suite's updates; its cases are the same for every seed."""
    suite = load_suite("posts")
    prompt = SHIPPED.load("post.update", "short")
    section = f"{prompt.header.id}/system"
    cases = {c.id: c for c in suite.cases if c.input["kind"] == "update"}
    main = next(scorer for scorer in suite.scorers if scorer.name == suite.main)
    start, gateway = sections_of(prompt)[section], _gateway()

    async def ask(case: Case, book: TrialBook, texts: Texts) -> Trial:
        desk = Desk(gateway, MiniLmEmbedder(), book, seed, CallScope(run_id=_name(case.id, texts)))
        try:
            score = main.score(Answered(case, await suite.task(case, desk), desk))
        except GreenroomError as error:
            return _trial(case.id, 0.0, texts, {"good": error.message})
        if asyncio.iscoroutine(score):
            raise TypeError("this benchmark is for scorers that ask no judge")
        value = getattr(score, "value", None)
        return _trial(case.id, value or 0.0, texts, {"good": str(getattr(score, "why", ""))})

    async def ask_all(texts: Texts, case_ids: Sequence[str]) -> list[Trial]:
        book = TrialBook(SHIPPED, suite.prompts, replaced([prompt], texts))
        return [await ask(cases[case_id], book, texts) for case_id in case_ids]

    def edit(text: str, rng: random.Random) -> str:
        rule = rng.choice(RULES)
        return text.replace(f" {rule}", "") if rule in text else f"{text} {rule}"

    def reflect(text: str, seen: Sequence[Feedback], rng: random.Random) -> str:
        rule = rule_for(" ".join(one["good"] for one in seen), rng)
        return text if rule in text else f"{text} {rule}"

    runner = asyncio.Runner()
    training, validation, test = (
        tuple(c.id for c in cases.values() if c.split == part)
        for part in ("training", "validation", "test")
    )
    return Puzzle(
        "posts (ours)",
        section,
        start,
        training,
        validation,
        test,
        rollouts=lambda texts, ids: runner.run(ask_all(texts, ids)),
        edit=edit,
        reflect=reflect,
    )


def _puzzle(
    name: str, start: str, rollouts: Rollout, rules: Sequence[str], reflect: Reflect
) -> Puzzle:
    ids = _ids()
    return Puzzle(
        name, SECTION, start,
        tuple(ids[:CASES]), tuple(ids[CASES : 2 * CASES]), tuple(ids[2 * CASES :]),
        rollouts=rollouts, edit=lambda text, rng: _toggled(text, rng.choice(rules)),
        reflect=reflect,
    )  # fmt: skip


def _ids() -> list[str]:
    return [f"c{n}" for n in range(4 * CASES)]


def _toggled(text: str, rule: str) -> str:
    lines = text.splitlines()
    kept = [line for line in lines if line != rule]
    return "\n".join(kept if rule in lines else (rule, *kept))


def _trial(case_id: str, score: float, texts: Texts, said: Feedback) -> Trial:
    length = sum(map(len, texts.values()))
    return Trial(case_id, score, {"short": 1 / (1 + length / 4000)}, said)


def _name(case_id: str, texts: Texts) -> str:
    return hashlib.sha256(f"{case_id}/{sorted(texts.items())}".encode()).hexdigest()


def _gateway() -> ModelGateway:
    target, ledger, clock = Target(Line.to(Obedient({})), "obedient"), MemoryLedger(), SystemClock()
    return Gateway(
        {"fast": [target], "smart": [target], "judge": [target]},
        accounts=Accounts(ledger, clock),
        budget=BudgetGuard(Limits(10**9, 10**9, 10**6, 10**6), ledger, clock),
        cache=MemoryAnswerCache(),
        loop_guard=LoopGuard(10**6),
    )
