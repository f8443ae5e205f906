#!/usr/bin/env bash
# Resolve the dependencies of pyproject.toml anew and write the locks: hashes for every file,
# one lock for all supported versions of Python, and no index address inside. Versions that
# still fit stay; `scripts/lock.sh --upgrade` takes the newest.
set -euo pipefail
cd "$(dirname "$0")/.."
compile=(.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links
  --overrides requirements/overrides.txt "$@")

"${compile[@]}" pyproject.toml --output-file requirements/runtime.txt
"${compile[@]}" pyproject.toml --extra evals --group dev --constraints requirements/runtime.txt \
  --output-file requirements/dev.txt
"${compile[@]}" --no-deps requirements/nodeps.in --output-file requirements/nodeps.txt
