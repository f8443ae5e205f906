"""The files of the repository, as git knows them."""

import subprocess
from pathlib import Path

from scripts.rooms import ROOT


def tracked_files(*patterns: str) -> list[Path]:
    """List tracked files that exist, by git's own patterns."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True, capture_output=True
    ).stdout.decode()
    paths = [ROOT / name for name in listing.split("\0") if name]
    return [path for path in paths if path.is_file()]
