from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from jinja2 import meta, nodes

import api.web
from api.web.page import TEMPLATES, Fragment, Page, environment


def pages() -> list[type[Fragment]]:
    for module in pkgutil.iter_modules(api.web.__path__):
        importlib.import_module(f"api.web.{module.name}")
    found: list[type[Fragment]] = []
    waiting: list[type[Fragment]] = [Fragment]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "template" in vars(kind):
            found.append(kind)
    return found


def chain(name: str) -> Iterator[str]:
    """The template and those that it extends."""
    yield name
    assert environment().loader is not None
    source, _, _ = environment().loader.get_source(environment(), name)  # type: ignore[union-attr]
    for parent in environment().parse(source).find_all(nodes.Extends):
        assert isinstance(parent.template, nodes.Const)
        yield from chain(parent.template.value)


def variables(name: str) -> set[str]:
    used: set[str] = set()
    for part in chain(name):
        source = (TEMPLATES / part).read_text(encoding="utf-8")
        tree = environment().parse(source)
        imported = {
            name if isinstance(name, str) else name[1]
            for statement in tree.find_all(nodes.FromImport)
            for name in statement.names
        }
        own = {macro.name for macro in tree.find_all(nodes.Macro)}
        # Jinja's own analysis does not see a file's imports and macros from inside its blocks.
        used |= meta.find_undeclared_variables(tree) - imported - own
    return used - set(environment().globals)


@pytest.mark.parametrize("kind", pages(), ids=lambda kind: kind.__name__)
def test_page_and_class_agree(kind: type[Fragment]) -> None:
    assert variables(kind.template) == set(kind.model_fields)


@pytest.mark.parametrize("kind", pages(), ids=lambda kind: kind.__name__)
def test_every_field_of_a_page_is_documented(kind: type[Fragment]) -> None:
    assert all(field.description for field in kind.model_fields.values())


def test_every_template_belongs_to_a_page() -> None:
    used = {name for kind in pages() for name in chain(kind.template)}
    assert used == {path.name for path in TEMPLATES.glob("*.html")}


def test_a_disagreement_is_found() -> None:
    class Wrong(Page):
        template = "error.html"

    assert variables(Wrong.template) != set(Wrong.model_fields)
    assert Wrong.__name__ == "Wrong"
