"""Wires the cycle. Nodes live in modules of their own; this file only joins them."""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph

from graphs.context import RunContext
from graphs.cycle.announce import announce, update
from graphs.cycle.approve import approve
from graphs.cycle.compose import compose
from graphs.cycle.conceive import conceive
from graphs.cycle.critique import critique
from graphs.cycle.draw import draw
from graphs.cycle.package import package
from graphs.cycle.perceive import perceive
from graphs.cycle.plan import NEXT, plan
from graphs.cycle.publish import publish
from graphs.cycle.recall import recall
from graphs.cycle.reflect import reflect
from graphs.cycle.release import release
from graphs.cycle.remember import remember
from graphs.cycle.render import render
from graphs.cycle.state import CycleState
from graphs.cycle.submit import submit
from graphs.cycle.write import write
from graphs.steps import step

CycleGraph = StateGraph[CycleState, RunContext, CycleState, CycleState]


def build_cycle() -> CycleGraph:
    """The artist's cycle; compile it with a checkpointer."""
    graph: Any = StateGraph(CycleState, context_schema=RunContext)
    for name, node in (
        ("perceive", perceive),
        ("recall", recall),
        ("reflect", reflect),
        ("conceive", conceive),
        ("write", write),
        ("compose", compose),
        ("render", render),
        ("draw", draw),
        ("package", package),
        ("announce", announce),
        ("update", update),
        ("submit", submit),
        ("release", release),
        ("publish", publish),
        ("remember", remember),
    ):
        graph.add_node(name, step(name, node))
    graph.add_node("plan", step("plan", plan), destinations=tuple(NEXT.values()))
    graph.add_node(
        "critique",
        step("critique", critique),
        destinations=("write", "compose", "render", "draw", "package"),
    )
    graph.add_node("approve", approve, destinations=("release", "publish", "remember"))
    graph.add_edge(START, "perceive")
    for before, after in (
        ("perceive", "recall"),
        ("recall", "reflect"),
        ("reflect", "plan"),
        ("conceive", "write"),
        ("write", "compose"),
        ("compose", "render"),
        ("render", "draw"),
        ("draw", "critique"),
        ("package", "announce"),
        ("announce", "submit"),
        ("update", "submit"),
        ("submit", "approve"),
        ("release", "publish"),
        ("publish", "remember"),
        ("remember", END),
    ):
        graph.add_edge(before, after)
    built: CycleGraph = graph
    return built
