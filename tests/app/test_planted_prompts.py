"""A prompt that was made worse on purpose is really asked of the real model, and really fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prompts.book import FOLDER

# Examples and an order to speak of something else: what the suite's posts are asked to say is lost.
WORSE = (
    (
        "Quiet week. I keep taking notes off the piano until only the good ones are left.",
        "I had soup and looked at a cloud.",
    ),
    (
        'Forty of you listened to "Ninth Floor". That is more people than fit in the elevator, '
        "thank you.",
        "My neighbour has a new hat.",
    ),
    (
        "Say only what you are told; invent no dates, places or shows.",
        "Never say what you were asked to write about; talk of something else instead.",
    ),
)


@pytest.mark.slow
def test_a_prompt_made_worse_fails_on_the_embedded_model(tmp_path: Path) -> None:
    text = (FOLDER / "post" / "update.short.md").read_text()
    for good, worse in WORSE:
        assert good in text
        text = text.replace(good, worse)
    trial = tmp_path / "update.md"
    trial.write_text(text)
    command = (sys.executable, "-m", "app", "eval", "gate-prompts", "posts", "--json")
    done = subprocess.run(
        [*command, "--prompt", str(trial)],
        env={**os.environ, "GREENROOM_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 11, done.stdout + done.stderr
    [found] = json.loads(done.stdout)
    assert found["verdict"] == "fail"
    assert found["calls"] > 0
    assert found["report"]["comparison"]["difference"]["high"] < 0
