"""Nobody is surprised by a licence: what asks for more than a notice is named."""

import importlib.metadata
import re
from importlib.metadata import Distribution

from scripts.rooms import ROOT
from tests.house.test_locks import canonical, pins

COPYLEFT = re.compile(r"GPL|MPL|EUPL|CDDL|Mozilla Public|General Public", re.IGNORECASE)
AFFERO = re.compile(r"AGPL|Affero|SSPL", re.IGNORECASE)


def terms(distribution: Distribution) -> str:
    """Return what the package says of its own licence, in short."""
    meta = distribution.metadata
    # Some packages put their whole licence into the second field; its first line names it.
    fields = [field for field in ("License-Expression", "License") if field in meta]
    short = [meta[field].strip().split("\n")[0][:100] for field in fields]
    classifiers = meta.get_all("Classifier") or []
    return " ".join([*short, *(line for line in classifiers if line.startswith("License"))])


def runtime_distributions() -> dict[str, Distribution]:
    locked = {key.split()[0] for key in pins(ROOT / "requirements" / "runtime.txt")}
    installed = {canonical(d.metadata["Name"]): d for d in importlib.metadata.distributions()}
    return {name: installed[name] for name in sorted(locked & set(installed))}


def test_every_copyleft_package_is_named() -> None:
    page = (ROOT / "THIRD_PARTY.md").read_text()
    found = [name for name, d in runtime_distributions().items() if COPYLEFT.search(terms(d))]
    assert "mutagen" in found, "the search for licences finds nothing"
    assert [name for name in found if f"`{name}`" not in page] == []


def test_no_package_asks_for_the_source_of_a_service() -> None:
    found = [name for name, d in runtime_distributions().items() if AFFERO.search(terms(d))]
    assert found == []
