from __future__ import annotations

from api.web.charts import outlook, spark_path
from api.web.diffs import changes, text_diff


def test_a_line_rises_to_its_highest_value() -> None:
    assert spark_path([0, 5, 10]) == "M0.0 22.5 L50.0 12.0 L100.0 1.5"


def test_nothing_is_a_flat_line() -> None:
    assert spark_path([0, 0]) == "M0.0 22.5 L100.0 22.5"
    assert spark_path([]) == ""


def test_what_comes_stands_behind_what_was_in_a_band() -> None:
    found = outlook([0, 5], [(5, 7, 10)])
    assert found.line == "M0.0 22.5 L50.0 12.0"
    assert found.band == "M50.0 12.0 L100.0 1.5 L100.0 12.0 L50.0 12.0 Z"
    assert found.middle == "M50.0 12.0 L100.0 7.8"
    assert outlook([1], []).band == ""


def test_a_diff_gives_back_both_texts() -> None:
    before, after = "Out now, at dawn.", "Out tonight, at dawn."
    pieces = text_diff(before, after)
    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "gone") == after
    assert ("gone", "now, ") in pieces
    assert text_diff(before, before) == ()


def test_only_fields_that_differ_are_told_by_their_dotted_names() -> None:
    before = {"name": "A", "voice": {"register": "plain", "words": ["sea", "salt"]}}
    after = {"name": "A", "voice": {"register": "plain", "words": ["sea"]}, "kind": "solo"}
    found = {change.field: change.pieces for change in changes(before, after)}
    assert set(found) == {"voice.words", "kind"}
    assert found["kind"] == (("new", "solo"),)
