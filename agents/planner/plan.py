"""The planner: rules and embeddings choose for small models, strong ones choose themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.choosing import draw_by_score, settled
from agents.desk import Desk, Judge, Judged, Rounds
from agents.judges import prose_judge
from agents.planner.denial import denies
from agents.planner.directives import asked_action, named_actions
from agents.planner.rules import PLAIN_WORDS, goal_for, reasons, suggested, telling
from agents.report import Notebook, Report
from agents.wording import prose_problem
from domain.choice import CreativeChoice
from domain.errors import InvalidInput, UnusableAnswer
from domain.plan import Action, Chooser, LegalAction, Order, Plan, PlanFacts
from domain.ports.model import CallScope, Completion, Embedder, ModelGateway, Sampling
from domain.profile import Profile
from prompts import SHIPPED, PromptBook

TRIES = 3
_TEMPERATURE = 0.35
_REASON = Sampling(max_tokens=50, temperature=0.6, top_p=0.93, stop=("\n",), repeat_penalty=1.1)


class ActionAnswer(BaseModel):
    """The strong model's answer; an action outside the legal set is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Annotated[str, Field(min_length=10, max_length=400)]
    action: Action
    subject: Annotated[str, Field(max_length=120)]


class ArtistPlanner:
    """The `Planner` port for one artist."""

    def __init__(
        self,
        gateway: ModelGateway,
        embedder: Embedder,
        profile: Profile,
        book: PromptBook = SHIPPED,
    ) -> None:
        self._gateway = gateway
        self._embedder = embedder
        self._profile = profile
        self._book = book

    async def plan(
        self, facts: PlanFacts, legal: Sequence[LegalAction], *, seed: int, scope: CallScope
    ) -> tuple[Plan, Report]:
        """One of `legal`; raises `InvalidInput` when nothing is legal."""
        if not legal:
            raise InvalidInput("there is no legal action to choose from", field="legal")
        notes = Notebook(
            "planner",
            {
                "facts": facts.model_dump(mode="json", exclude={"recalled"}),
                "legal": [option.model_dump() for option in legal],
                "recalled": [r.record.id for r in facts.recalled],
            },
        )
        desk = Desk(self._gateway, scope, seed, notes, self._book)
        if await desk.is_small():
            plan = await self._by_rules(desk, facts, legal)
        else:
            plan = await self._by_model(desk, facts, legal)
        notes.chose(plan.choice)
        return plan, notes.close()

    async def _by_rules(self, desk: Desk, facts: PlanFacts, legal: Sequence[LegalAction]) -> Plan:
        actions = [option.action for option in legal]
        asked = await self._asked(facts, actions)
        if asked is not None:
            action, chooser, directive = asked
            why = f"the directive “{directive.text[:80]}” asks for it"
            choice = settled("plan.action", actions, action, desk.seed, why)
            because = [f"my label asked: {directive.text}"]
            return await self._worded(desk, facts, choice, chooser, because, directive)
        scores: dict[str, float] = {a: s for a, s in suggested(facts).items() if a in actions}
        choice = draw_by_score(
            "plan.action", scores, desk.seed, temperature=_TEMPERATURE, reason="rules"
        )
        action = _action(choice.chosen)
        goal = goal_for(action, facts)
        because = telling(action, facts) if goal is None else [f"my goal: {_told(goal)}"]
        return await self._worded(desk, facts, choice, "rules", because, goal)

    async def _asked(
        self, facts: PlanFacts, legal: Sequence[Action]
    ) -> tuple[Action, Chooser, Order] | None:
        """The newest directive that clearly asks for something legal."""
        for order in sorted(facts.orders, key=lambda o: o.since, reverse=True):
            asked = await asked_action(order, legal, self._embedder)
            if asked is not None:
                return (*asked, order)
        return None

    async def _worded(
        self,
        desk: Desk,
        facts: PlanFacts,
        choice: CreativeChoice,
        chooser: Chooser,
        because: Sequence[str],
        order: Order | None,
    ) -> Plan:
        action = _action(choice.chosen)
        reason = await desk.best(
            "plan.reason",
            {
                "name": self._profile.stage_name,
                "register": self._profile.voice.register_,
                "mood": facts.mood.word(),
                "action": PLAIN_WORDS[action],
                "because": list(because),
            },
            _REASON,
            _reason_judge(action, desk.examples("plan.reason")),
            Rounds(3, 3),
        )
        return Plan(
            action=action,
            reason=reason,
            subject=order.text if order and order.kind == "directive" else "",
            directive_id=order.id if order else None,
            chooser=chooser,
            choice=choice,
        )

    async def _by_model(self, desk: Desk, facts: PlanFacts, legal: Sequence[LegalAction]) -> Plan:
        actions = [option.action for option in legal]
        asked = await self._asked(facts, actions)
        problem = ""
        for attempt in range(TRIES):
            answer = await desk.fill(
                "plan.choose",
                self._inputs(facts, legal),
                ActionAnswer,
                Sampling(max_tokens=300, temperature=0.7),
                step=f"plan.choose/{attempt}",
            )
            problem = _problem(answer, actions)
            if not problem:
                goal = goal_for(answer.action, facts)
                order = asked[2] if asked and asked[0] == answer.action else goal
                return Plan(
                    action=answer.action,
                    reason=answer.reason,
                    subject=answer.subject,
                    directive_id=order.id if order else None,
                    chooser="model",
                    choice=settled("plan.action", actions, answer.action, desk.seed, "model"),
                )
            desk.notes.note(f"answer {attempt + 1} was refused: {problem}")
        raise UnusableAnswer(
            f"the model chose no legal action: {problem}",
            field="model",
            remedy="Run again, or set another model.",
        )

    def _inputs(self, facts: PlanFacts, legal: Sequence[LegalAction]) -> dict[str, object]:
        return {
            "name": self._profile.stage_name,
            "biography": self._profile.biography,
            "register": self._profile.voice.register_,
            "mood": facts.mood.word(),
            "facts": reasons(facts),
            "directives": [_told(order) for order in facts.orders],
            "remembered": [
                r.record.text
                for r in facts.recalled
                if r.record.kind != "directive" and not r.record.untrusted
            ][:6],
            "legal": [f"- {option.action}: {option.because}" for option in legal],
        }


def _reason_judge(action: Action, examples: Sequence[str]) -> Judge:
    """Keeps one clean sentence that does not speak for another action than the chosen one."""
    prose = prose_judge(least=1, most=1, longest=200, not_from=examples, to_nobody=True)

    def judge(text: str, completion: Completion) -> Judged:
        found = prose(text, completion)
        named = named_actions(found.text)
        if found.refused is None and named and action not in named:
            return Judged(found.text, refused=f"speaks for {named[0]}")
        if found.refused is None and action != "rest" and "rest" in named:
            return Judged(found.text, refused="speaks for rest")
        if found.refused is None and denies(found.text, action):
            return Judged(found.text, refused="denies what was chosen")
        return found

    return judge


def _told(order: Order) -> str:
    """An order in one line, with how near a goal is."""
    parts = [order.progress, f"until {order.until:%d %B %Y}" if order.until else ""]
    told = ", ".join(part for part in parts if part)
    return f"{order.text} ({told})" if told else order.text


def _problem(answer: ActionAnswer, legal: Sequence[Action]) -> str:
    if answer.action not in legal:
        return f"{answer.action} is not legal now"
    if denies(answer.reason, answer.action):
        return "the reason denies the action"
    return prose_problem(answer.reason) or ""


def _action(name: str) -> Action:
    return next(action for action in PLAIN_WORDS if action == name)
