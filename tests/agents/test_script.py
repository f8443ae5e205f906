from __future__ import annotations

import json

from prompts import SHIPPED
from runtime.gateway.scripted import ScriptedEndpoint
from tests.support.scripts import SCRIPT_FILE, full_script, lyric_lines


def test_the_script_file_is_up_to_date() -> None:
    assert json.loads(SCRIPT_FILE.read_text()) == full_script()


def test_the_script_answers_every_prompt() -> None:
    assert set(full_script()) == {p.header.id for p in SHIPPED}


def test_the_endpoint_reads_the_script_file() -> None:
    assert ScriptedEndpoint.from_file(SCRIPT_FILE).traits("x").small


def test_scripted_lines_all_differ() -> None:
    assert len(set(lyric_lines())) == len(lyric_lines())
