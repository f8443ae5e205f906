"""The set-up knows when there is nothing to do, and says what it cannot do."""

from pathlib import Path

import pytest

from scripts import setup, system
from scripts.suite_times import read, table

ABSENT = system.Need("libabsent.so.9", "libabsent9", "a trial")
PROGRAM = system.Need("absent server", "absent-server", "a trial", ("absentd", "/none/*/absentd"))


def test_what_is_missing_is_named_with_the_exact_command() -> None:
    with pytest.raises(SystemExit) as stopped:
        system.ensure([PROGRAM, ABSENT], install=False)
    message = str(stopped.value)
    assert "sudo apt-get install absent-server libabsent9" in message
    assert "libabsent.so.9 (package libabsent9), for a trial" in message


def test_nothing_missing_means_nothing_said(capfd: pytest.CaptureFixture[str]) -> None:
    system.ensure([system.Need("C library", "libc6", "a trial", ("sh",))], install=False)
    assert capfd.readouterr() == ("", "")


def test_a_library_is_met_only_when_it_loads() -> None:
    assert system.Need("libc.so.6", "libc6", "a trial").is_met()
    assert not ABSENT.is_met()


def test_a_program_is_found_by_pattern(tmp_path: Path) -> None:
    place = tmp_path / "15" / "bin"
    place.mkdir(parents=True)
    need = system.Need("server", "server", "a trial", (f"{tmp_path}/*/bin/served",))
    assert not need.is_met()
    (place / "served").touch()
    assert need.is_met()


def test_testing_needs_all_that_running_needs() -> None:
    assert set(system.needs_for("runtime")) < set(system.needs_for("dev"))


@pytest.mark.parametrize("kind", ["runtime", "dev"])
def test_a_changed_lock_asks_for_a_new_set_up(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lock in setup.REQUIREMENTS.glob("*.txt"):
        (tmp_path / lock.name).write_bytes(lock.read_bytes())
    before = setup.fingerprint(kind)
    monkeypatch.setattr(setup, "REQUIREMENTS", tmp_path)
    assert setup.fingerprint(kind) == before
    with (tmp_path / setup.LOCKS[kind][0]).open("a") as lock_file:
        lock_file.write("another==1\n")
    assert setup.fingerprint(kind) != before


def test_suites_are_counted_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite>"
        '<testcase classname="tests.domain.test_a" time="0.5"/>'
        '<testcase classname="tests.domain.test_b" time="0.25"><failure/></testcase>'
        '<testcase classname="tests.media.music.test_c" time="2"><skipped/></testcase>'
        "</testsuite></testsuites>"
    )
    suites = read(report)
    assert (suites["tests/domain"].tests, suites["tests/domain"].failed) == (2, 1)
    assert suites["tests/domain"].seconds == 0.75
    assert suites["tests/media"].skipped == 1
    assert table(suites).splitlines()[1].startswith("tests/media")
