"""How artists act: state, nodes and edges (LangGraph)."""
