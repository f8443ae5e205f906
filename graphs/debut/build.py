"""Wires the debut."""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph

from graphs.context import RunContext
from graphs.debut.nodes import adopt, imagine, portray
from graphs.debut.state import DebutState
from graphs.steps import step

DebutGraph = StateGraph[DebutState, RunContext, DebutState, DebutState]


def build_debut() -> DebutGraph:
    """The artist's debut; compile it with a checkpointer."""
    graph: Any = StateGraph(DebutState, context_schema=RunContext)
    graph.add_node("imagine", step("imagine", imagine))
    graph.add_node("portray", step("portray", portray))
    graph.add_node("adopt", step("adopt", adopt))
    graph.add_edge(START, "imagine")
    graph.add_edge("imagine", "portray")
    graph.add_edge("portray", "adopt")
    graph.add_edge("adopt", END)
    built: DebutGraph = graph
    return built
