# The commands of the house. `make` alone lists them; every one of them first brings .venv up to date.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long test-core test-all attack assets screenshots soak ticks-at-once mutants lint format messages drill load drip bench bench-full bench-page peers lock-peers \
	bench-web bench-report bench-intake audit sbom lock lock-audit clean
SHELL := /bin/bash

# the first Python on this machine that runs and is new enough; `make PYTHON=/path/to/python` overrides
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)
endif
BIN := .venv/bin
STAMP := .venv/.up-to-date
PEERS := .venv-peers/.up-to-date
AUDIT := .venv-audit/.up-to-date
ARGS ?=
SEEDS ?= 30
# uv trusts what the machine trusts, so that setup works behind an office's own certificate
export UV_SYSTEM_CERTS ?= true
# run by root, the PostgreSQL of tests and bench needs useradd, which stands in sbin
export PATH := $(PATH):/usr/sbin:/sbin

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Build .venv from requirements.lock, every file checked against its hash

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer (with venv) is needed: install it, or make PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || { awk '/^[^ ]/ {mine = /^uv==/} mine' requirements.lock > .venv/uv.lock \
		&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock; }
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## Play 120 days of the bundled directive, then serve it (ARGS=--no-serve to stop after the story)
	$(BIN)/dondoc demo $(ARGS)

test: $(STAMP) ## Run the tests, on SQLite and on a PostgreSQL of their own where transactions meet (ARGS="-k ladder")
	$(BIN)/pytest -n 2 -m "not long" $(ARGS)

test-long: $(STAMP) ## Run the rest: real processes, browsers, long stories, everything else on PostgreSQL (ARGS="-k drip")
	$(BIN)/pytest -n 2 -m long $(ARGS)

test-core: $(STAMP) ## Run the tests of the core alone, in .venv-core, where no package of the rooms beside it is installed
	@test -x .venv-core/bin/python || $(BIN)/python -m venv --without-pip .venv-core
	$(BIN)/uv pip install --quiet --python .venv-core/bin/python -c requirements.lock -e . --group dev
	.venv-core/bin/pytest -n 2 -m "not long" --deselect tests/architecture/test_rooms.py::test_here_every_room_is_installed $(ARGS)

test-all: $(STAMP) ## Run every test
	$(BIN)/pytest -n 2 $(ARGS)

attack: $(STAMP) ## Attack the site, its mail and its folders as an outsider or a colleague would: every request must be refused
	$(BIN)/pytest -n 2 tests/attack $(ARGS)

assets: $(STAMP) ## Copy the icons and typefaces of pages and papers from their npm packages
	npm ci --ignore-scripts --prefix docs/assets
	$(BIN)/python -m docs.assets.copy_assets

screenshots: $(STAMP) ## Take a picture of every page in both languages, into var/screenshots (ARGS="FOLDER --only NAME")
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

soak: $(STAMP) ## Break SEEDS simulated years in every way there is, then run 24 whole months at 300 units (SEEDS=0: these only)
	$(BIN)/python -m tests.soak --seeds $(SEEDS)
	$(BIN)/pytest -m soak -o faulthandler_timeout=0 $(ARGS)

ticks-at-once: $(STAMP) ## 200 mornings of two and of four real ticks on PostgreSQL: is any line of any digest missing? (ARGS="--rounds 20")
	$(BIN)/python -m tests.fire.ticks_at_once $(ARGS)

mutants: $(STAMP) ## Change the rules and the outbox one small thing at a time: does a test notice? (ARGS="'workflows.rules.tasks.*'")
	rm -rf mutants
	TZ=Asia/Ho_Chi_Minh $(BIN)/mutmut run $(ARGS)
	$(BIN)/python -m tests.mutants

drill: $(STAMP) ## Launch and live a day on several machines while their processes are killed (ARGS="--units 2000" for less)
	$(BIN)/python -m bench.drill $(ARGS)

load: $(STAMP) ## An hour of 50 users on one `dondoc serve`, while the mail server fails with 1 of 100 (ARGS="--minutes 30")
	$(BIN)/python -m bench.load $(ARGS)

drip: $(STAMP) ## An hour of `dondoc serve` beside a mail server that drips at each step in turn (ARGS="--minutes 12")
	$(BIN)/python -m bench.drip $(ARGS)

lint: $(STAMP) ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Write every file in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(STAMP) ## Bring models/locale up to date with the message ids of the code
	$(BIN)/python -m models.locale.extract

bench: $(STAMP) $(PEERS) ## Measure in some eleven minutes, beside bare SQL and peers, into var/bench (ARGS="--only tick")
	$(BIN)/python -m bench $(ARGS)

bench-full: $(STAMP) $(PEERS) ## The same with up to 10,000,000 tasks, as far as the disk allows (ARGS=--resume to go on)
	$(BIN)/python -m bench --full $(ARGS)

bench-page: $(STAMP) ## Write the figures of docs/performance.md (ARGS=var/bench/bench.json to take that run over first)
	$(BIN)/python -m docs.make_performance $(ARGS)

peers: $(PEERS) ## Build .venv-peers, where other engines run that the bench holds us against

$(PEERS): bench/peers/requirements.lock | $(STAMP)
	@test -x .venv-peers/bin/python || $(BIN)/python -m venv --without-pip .venv-peers
	$(BIN)/uv pip sync --quiet --python .venv-peers/bin/python --require-hashes bench/peers/requirements.lock
	@touch $@

bench-web: $(STAMP) ## Measure the pages on a million tasks, beside their bare SQL (ARGS="--tasks 100000" for fewer)
	$(BIN)/python -m bench.web $(ARGS)

bench-report: $(STAMP) ## Measure the report on very much history, beside its bare SQL (ARGS="--tasks 1000000" for all of it)
	$(BIN)/python -m bench.reporting $(ARGS)

bench-intake: $(STAMP) ## Read a folder of directives and score them beside their answers (ARGS=FOLDER)
	$(BIN)/python -m bench.intake $(ARGS)

audit: $(AUDIT) ## Ask PyPI what is known against what we are built of; a package that it does not answer about is an error
	.venv-audit/bin/pip-audit -r requirements.lock --require-hashes --disable-pip --strict $(ARGS)

sbom: $(STAMP) $(AUDIT) ## List every package in .venv with version and licence, as CycloneDX, into var/sbom.json
	@mkdir -p var
	.venv-audit/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o var/sbom.json $(BIN)/python

$(AUDIT): .ci/audit/requirements.lock | $(STAMP)
	@test -x .venv-audit/bin/python || $(BIN)/python -m venv --without-pip .venv-audit
	$(BIN)/uv pip sync --quiet --python .venv-audit/bin/python --require-hashes .ci/audit/requirements.lock
	@touch $@

lock: $(STAMP) ## Compile requirements.lock anew from pyproject.toml (ARGS=--upgrade for newer versions)
	$(BIN)/uv pip compile pyproject.toml --extra traces --extra all --group dev --generate-hashes --no-emit-index-url --python-version 3.11 \
		--universal --custom-compile-command "make lock" -o requirements.lock $(ARGS)

lock-peers: $(STAMP) ## Compile bench/peers/requirements.lock anew from its requirements.in
	cd bench/peers && ../../$(BIN)/uv pip compile requirements.in --generate-hashes --no-emit-index-url --python-version 3.11 \
		--universal --custom-compile-command "make lock-peers" -o requirements.lock $(ARGS)

lock-audit: $(STAMP) ## Compile .ci/audit/requirements.lock anew from its requirements.in
	cd .ci/audit && ../../$(BIN)/uv pip compile requirements.in --generate-hashes --no-emit-index-url --python-version 3.11 \
		--universal --custom-compile-command "make lock-audit" -o requirements.lock $(ARGS)

clean: ## Remove .venv and everything that can be made again; the data folder stays
	rm -rf .venv .venv-core .venv-peers .venv-audit dist mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
