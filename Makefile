# `make` lists the targets. Everything is installed into .venv from lock files with hashes.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

# Folders whose tests are suites of their own; `make test SUITE=tests/domain` runs one.
SUITE ?= tests
PYTEST_ARGS ?=
# Test processes side by side, each with servers of its own; a file stays in one.
WORKERS ?= 2

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: ## Make .venv ready to run (done by `make run`)
	@$(PYTHON) -m scripts.setup runtime

.PHONY: setup-dev
setup-dev: ## Make .venv and the system ready to test (done by `make test`)
	@$(PYTHON) -m scripts.setup dev

.PHONY: run
run: setup ## Start Greenroom and print its address
	@$(BIN)/python -m app serve $(ARGS)

.PHONY: test
test: setup-dev ## Run the tests that take seconds (SUITE=tests/domain for one folder)
	@$(BIN)/python -m pytest -m "not slow and not long" -n $(WORKERS) --dist loadfile $(PYTEST_ARGS) $(SUITE)

.PHONY: test-slow
test-slow: setup-dev ## Run the tests that take longer
	@$(BIN)/python -m pytest -m slow $(PYTEST_ARGS) $(SUITE)

.PHONY: test-long
test-long: setup-dev ## Attack a label for many minutes (wants a quiet machine)
	@$(BIN)/python -m pytest -m long $(PYTEST_ARGS) $(SUITE)

.PHONY: check style types imports pages
check: style types imports pages ## Check style, types, the direction of imports, and the generated pages
style: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
types: setup-dev
	$(BIN)/mypy .
imports: setup-dev
	$(BIN)/lint-imports --no-cache
pages: setup-dev
	$(BIN)/python -m scripts.architecture --check
	$(BIN)/python -m scripts.settings_page --check

.PHONY: docs
docs: setup-dev ## Write the generated pages anew
	$(BIN)/python -m scripts.architecture
	$(BIN)/python -m scripts.settings_page

.PHONY: gate
gate: setup-dev ## Hold the prompts against recorded answers; changed ones are asked live
	@$(BIN)/python -m app eval gate-prompts

.PHONY: bench
bench: setup ## Measure a cycle: time, memory and overhead per stage
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: lock
lock: setup-dev ## Resolve the dependencies anew and write the locks
	@scripts/lock.sh

.PHONY: clean
clean: ## Remove .venv, caches and build products (never a label's data)
	rm -rf .venv build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache
	rm -rf .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
