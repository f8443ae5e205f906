"""Pages that are written from the code say what the code says."""

from pathlib import Path

import pytest

from runtime.settings import Settings
from scripts import architecture, settings_page
from scripts.generated import BEGIN, END, fill


def test_every_setting_is_documented() -> None:
    page = settings_page.PAGE.read_text()
    missing = [name for name in Settings.model_fields if settings_page.variable(name) not in page]
    assert missing == []


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_settings_page_is_current() -> None:
    assert fill(settings_page.PAGE, settings_page.table()) == settings_page.PAGE.read_text()


def test_the_architecture_page_is_current() -> None:
    imports = architecture.imports_between_rooms()
    part = f"{architecture.diagram(imports)}\n\n{architecture.table(imports)}"
    assert fill(architecture.PAGE, part) == architecture.PAGE.read_text()


def test_an_arrow_that_a_longer_way_explains_is_left_out() -> None:
    imports = {"top": {"middle", "base"}, "middle": {"base"}, "base": set()}
    assert architecture.without_shortcuts(imports) == {
        "top": {"middle"},
        "middle": {"base"},
        "base": set(),
    }


def test_filling_keeps_what_people_wrote(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert fill(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no marks\n")
    with pytest.raises(SystemExit, match="marks"):
        fill(page, "new")
