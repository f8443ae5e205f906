from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from evals.evolution.sections import replaced, sections_of, with_sections
from prompts import SHIPPED, Prompt

UPDATE = SHIPPED.load("post.update", "short")
RUBRIC = """---
id: judge.post
version: 3
form: long
tier: judge
description: Judges a post by a rubric.
inputs:
  post: what was written
output: text
---
<<system>>
You judge posts.
## Rubric
1: says nothing.
## Answer
One number.
<<user>>
{{ post }}
"""


@pytest.mark.parametrize("prompt", list(SHIPPED), ids=lambda p: f"{p.ref}-{p.header.form}")
def test_a_prompt_with_its_own_sections_is_the_prompt(prompt: Prompt) -> None:
    assert with_sections(prompt, sections_of(prompt)) is prompt
    assert replaced([prompt], sections_of(prompt)) == []


def test_other_words_make_the_next_version_and_leave_the_question_alone() -> None:
    texts = sections_of(UPDATE)
    assert set(texts) == {"post.update/system", "post.update/examples"}
    system = texts["post.update/system"] + " Name one thing one can hear."
    made = with_sections(UPDATE, {**texts, "post.update/system": system})
    assert made.ref == "post.update@2"
    assert "one can hear" in made.text
    assert sections_of(made)["post.update/examples"] == texts["post.update/examples"]
    assert made.text.rpartition("<<user>>")[2] == UPDATE.text.rpartition("<<user>>")[2]


def test_a_rubric_is_a_section_of_its_own() -> None:
    prompt = Prompt.parse(RUBRIC, "judge")
    assert list(sections_of(prompt)) == [
        "judge.post/system",
        "judge.post/system/rubric",
        "judge.post/system/answer",
    ]
    made = with_sections(prompt, {"judge.post/system/rubric": "1: says nothing. 5: one sees it."})
    assert "## Rubric\n1: says nothing. 5: one sees it.\n## Answer" in made.text


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("You are a musician.", "disagree"),
        ("You are {{ name }}, {{ register }}, {{ tone }}, {{ most_characters }}, {{ mum }}", "mum"),
        ("You are {{ name", "broken"),
        (f"{sections_of(UPDATE)['post.update/system']}\n<<user>>\nmine", "turns"),
        ("{{ name }} {{ register }} {{ tone }} {{ most_characters }}" + " very" * 2000, "grew"),
    ],
)
def test_words_that_break_the_prompt_are_refused_with_the_reason(words: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        with_sections(UPDATE, {"post.update/system": words})
