"""Wires an answer. Nodes live in modules of their own; this file only joins them."""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph

from graphs.chat.act import act
from graphs.chat.choose import choose
from graphs.chat.gather import gather
from graphs.chat.state import ChatContext, ChatState
from graphs.chat.word import word

ChatGraph = StateGraph[ChatState, ChatContext, ChatState, ChatState]


def build_chat() -> ChatGraph:
    """The graph of one answer; compiled without a checkpointer: an answer is begun anew whole."""
    graph: Any = StateGraph(ChatState, context_schema=ChatContext)
    graph.add_node("gather", gather)
    graph.add_node("choose", choose, destinations=("act", "word"))
    graph.add_node("act", act, destinations=("choose", "word"))
    graph.add_node("word", word)
    graph.add_edge(START, "gather")
    graph.add_edge("gather", "choose")
    graph.add_edge("word", END)
    built: ChatGraph = graph
    return built
