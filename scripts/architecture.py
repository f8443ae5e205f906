"""Draw the rooms and the imports between them into `docs/architecture.md`, from the code itself."""

from __future__ import annotations

import ast

import grimp

from scripts.generated import write_or_check
from scripts.rooms import OUTER, ROOT, layers, rooms

PAGE = ROOT / "docs" / "architecture.md"
Imports = dict[str, set[str]]


def imports_between_rooms() -> Imports:
    """Find for each room the rooms it imports, whatever the file."""
    inside = [room for room in rooms() if room not in OUTER]
    graph = grimp.build_graph(*inside, cache_dir=None)
    found: Imports = {room: set() for room in inside}
    for module in graph.modules:
        room = module.split(".")[0]
        found[room] |= {
            target.split(".")[0] for target in graph.find_modules_directly_imported_by(module)
        }
    return {room: targets - {room} for room, targets in found.items()}


def without_shortcuts(imports: Imports) -> Imports:
    """Leave out an arrow where a longer way leads to the same room, so the picture is readable."""

    def reach(room: str) -> set[str]:
        direct = imports[room]
        return direct.union(*(reach(target) for target in direct))

    return {
        room: {
            target
            for target in targets
            if not any(target in reach(other) for other in targets - {target})
        }
        for room, targets in imports.items()
    }


def diagram(imports: Imports) -> str:
    """Write the picture in Mermaid, a row per layer, the highest on top."""
    lines = ["```mermaid", "flowchart TD"]
    for number, layer in enumerate(layers()):
        present = [room for room in layer if room in imports]
        if present:
            lines.append(f"  subgraph row{number}[ ]")
            lines += [f"    {room}" for room in present]
            lines.append("  end")
    for room, targets in sorted(without_shortcuts(imports).items()):
        lines += [f"  {room} --> {target}" for target in sorted(targets)]
    return "\n".join([*lines, "```"])


def table(imports: Imports) -> str:
    """List each room with its own one-sentence docstring and all it imports."""
    lines = ["| Room | Holds | Imports |", "|---|---|---|"]
    order = [room for layer in layers() for room in layer if room in imports]
    for room in order:
        targets = ", ".join(f"`{name}`" for name in order if name in imports[room]) or "nothing"
        lines.append(f"| [`{room}`](../{room}) | {purpose(room)} | {targets} |")
    return "\n".join(lines)


def purpose(room: str) -> str:
    """Return the first line of the room's docstring."""
    source = (ROOT / room / "__init__.py").read_text()
    return (ast.get_docstring(ast.parse(source)) or "").split("\n")[0]


def main() -> None:
    """Write the page, or check it."""
    imports = imports_between_rooms()
    write_or_check(PAGE, f"{diagram(imports)}\n\n{table(imports)}", __doc__)


if __name__ == "__main__":
    main()
