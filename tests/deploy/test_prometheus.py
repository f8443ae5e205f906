"""The shipped alert rules speak of metrics that exist, and Prometheus' own tool reads them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.settings import Settings
from runtime.telemetry.catalogue import METRICS, Metric
from scripts.rooms import ROOT
from tests.deploy.files import compose

FOLDER = ROOT / "deploy" / "prometheus"
PAGE = ROOT / "docs" / "monitoring.md"
NAME = re.compile(r"\bgreenroom_[a-z0-9_]+")
SERIES = re.compile(r"\b(greenroom_[a-z0-9_]+)\{([^}]*)\}")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
GROUPED = re.compile(r"\bby \(([^)]*)\)")
OF_PROMETHEUS = {"instance", "job", "le"}
PROMTOOL = shutil.which("promtool")


def rules(path: Path = FOLDER / "alerts.yaml") -> list[dict[str, Any]]:
    found = yaml.safe_load(path.read_text())
    return [rule for group in found["groups"] for rule in group["rules"]]


def samples(metric: Metric) -> set[str]:
    """Names under which Prometheus knows a metric."""
    if metric.kind == "histogram":
        return {f"{metric.name}_{part}" for part in ("bucket", "sum", "count")}
    return {metric.name}


KNOWN = {name: metric for metric in METRICS for name in samples(metric)}


def unknown_names(expression: str) -> set[str]:
    return set(NAME.findall(expression)) - set(KNOWN)


def unknown_labels(expression: str) -> set[str]:
    wrong = set()
    for name, inside in SERIES.findall(expression):
        wrong |= set(LABEL.findall(inside)) - set(KNOWN[name].labels) - OF_PROMETHEUS
    mentioned = {label for name in NAME.findall(expression) for label in KNOWN[name].labels}
    for inside in GROUPED.findall(expression):
        wrong |= {part.strip() for part in inside.split(",")} - mentioned - OF_PROMETHEUS
    return wrong


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_speaks_of_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert unknown_names(rule["expr"]) == set()
    assert unknown_labels(rule["expr"]) == set()
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert rule["labels"]["severity"] in ("critical", "warning", "notice")
    assert {"summary", "remedy"} == set(rule["annotations"])


def test_the_check_would_notice_what_does_not_exist() -> None:
    assert unknown_names("max(greenroom_dead_leters) > 0") == {"greenroom_dead_leters"}
    assert unknown_labels('max(greenroom_workers{status="x"})') == {"status"}
    assert unknown_labels("sum by (queue) (greenroom_queue_jobs)") == {"queue"}


def test_every_rule_has_a_name_of_its_own() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


def test_the_scrape_configuration_names_the_rules_and_every_replica_by_its_port() -> None:
    found = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())
    assert found["rule_files"] == ["alerts.yaml"]
    jobs = [job["job_name"] for job in found["scrape_configs"]]
    assert all(re.fullmatch("greenroom.*", job) for job in jobs), "the rule GreenroomDown asks"
    # A fixed target would be one replica now and another then, and its counters would leap.
    asked = {
        name: looked["port"]
        for job in found["scrape_configs"]
        for looked in job["dns_sd_configs"]
        for name in looked["names"]
    }
    services = compose()["services"]
    metrics = {
        name: int(services[name]["environment"]["GREENROOM_METRICS_PORT"])
        for name in ("worker", "scheduler")
    }
    assert asked == metrics | {"api": Settings.model_fields["port"].default}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is in Debian's package prometheus")
def test_prometheus_own_tool_reads_and_tries_the_rules() -> None:
    for arguments in (
        ("check", "rules", "alerts.yaml"),
        ("test", "rules", "alerts.test.yaml"),
        ("check", "config", "--syntax-only", "prometheus.yaml"),
    ):
        done = subprocess.run(
            [str(PROMTOOL), *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_is_on_the_page_and_no_other() -> None:
    page = PAGE.read_text()
    missing = [metric.name for metric in METRICS if row(metric) not in page]
    assert missing == [], "write the table anew: python -m tests.deploy.test_prometheus"
    assert set(NAME.findall(page)) - set(KNOWN) - {m.name for m in METRICS} == set()


def row(metric: Metric) -> str:
    """A metric's line on the page."""
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} |"


def table(scope: str) -> str:
    """The metrics of one scope, as the page has them."""
    head = ["| Metric | Kind | Labels | What it tells |", "|---|---|---|---|"]
    return "\n".join([*head, *(row(m) for m in METRICS if m.scope == scope)])


if __name__ == "__main__":
    print(f"{table('process')}\n\n{table('label')}")
