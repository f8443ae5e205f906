"""How agents act: state, nodes and the edges between them."""
