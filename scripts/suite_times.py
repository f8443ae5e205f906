"""Read pytest's JUnit report and print each suite's tests, failures and seconds as a table."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Suite:
    """What one folder of tests did."""

    tests: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0


def read(report: Path) -> dict[str, Suite]:
    """Sum the report's cases by the folder that holds them."""
    suites: dict[str, Suite] = defaultdict(Suite)
    for case in ElementTree.parse(report).iter("testcase"):
        parts = case.get("classname", "").split(".")
        suite = suites["/".join(parts[:2])]
        suite.tests += 1
        suite.seconds += float(case.get("time", "0"))
        suite.failed += case.find("failure") is not None or case.find("error") is not None
        suite.skipped += case.find("skipped") is not None
    return suites


def table(suites: dict[str, Suite]) -> str:
    """Format the suites, the slowest first."""
    lines = [f"{'suite':<28}{'tests':>7}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    for name, suite in sorted(suites.items(), key=lambda item: -item[1].seconds):
        lines.append(
            f"{name:<28}{suite.tests:>7}{suite.failed:>8}{suite.skipped:>9}{suite.seconds:>9.1f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table of the report named on the command line."""
    print(table(read(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
