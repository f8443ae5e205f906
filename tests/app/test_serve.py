from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.app.conftest import Command
from tests.support.server import Server, wait_until

CYCLE_LIMIT_S = 120


def _waiting(server: Server) -> Any:
    return server.get("/approvals?waiting=true")["items"]


def test_an_empty_label_makes_its_first_song_alone_and_survives_kill_9(
    tmp_path: Path, greenroom: Command
) -> None:
    with Server(tmp_path / "home") as server:
        wait_until(
            lambda: any(
                e["kind"] == "step.started" and e["data"]["step"] == "write"
                for e in server.get("/events?after=0")["items"]
            ),
            CYCLE_LIMIT_S,
            server.log,
        )
        server.kill()
        server.start()
        (approval,) = wait_until(lambda: _waiting(server), CYCLE_LIMIT_S, server.log)

        artists = greenroom("artist", "list", "--json").json
        assert [a["status"] for a in artists] == ["active"]
        handle = artists[0]["handle"]
        assert greenroom("db", "upgrade").code == 9
        assert greenroom("serve").code == 9

        server.kill()
        server.start()
        done = greenroom("approval", "approve", approval["id"], "--json")
        assert (done.code, done.json["status"]) == (0, "succeeded"), server.log()
        (work,) = done.json["works"]
        page = server.page(f"/@{handle}")
        assert page.status_code == 200
        assert page.text.count(f">{work['title']}</h") == 1
        feed = server.page(f"/@{handle}/feed.xml").text
        assert feed.count("<enclosure") == 1
        assert work["title"] in feed
        assert [r["run"]["status"] for r in server.get("/runs")["items"]] == [
            "succeeded",
            "succeeded",
        ]
        assert server.stop() == 0
        assert not (tmp_path / "home" / "server.json").exists()


def test_visitors_reach_the_stage_and_nothing_else(tmp_path: Path) -> None:
    with Server(tmp_path / "home") as server:
        assert server.page("/").status_code == 200
        assert server.page("/operator").status_code == 401
        assert server.page("/api/v1/artists").status_code == 401
        assert (tmp_path / "home" / "secrets" / "start-token").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "home").stat().st_mode & 0o077 == 0
