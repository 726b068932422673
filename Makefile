# Everything that a developer, a newcomer's machine or CI does here; `make` lists it.
# What is missing is brought along: uv and Node into .tools/, Debian packages by apt-get (see .ci/need).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Prerequisites run in the order written: .ci/need must come before whatever needs it, and two cores are soon full.
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

HOST ?= 127.0.0.1
PORT ?= 8000
DATA ?= var/demo
ROBOTS ?= 0
ONLY ?=
MINUTES ?= 10
TTS ?=

export PATH := $(CURDIR)/.tools/bin:$(PATH)
# Without a Python that is new enough, say so at once instead of downloading one.
export UV_PYTHON_DOWNLOADS ?= never

UV_RUN := uv run --no-sync
NPM := npm --prefix static

FRONT_SOURCES := $(shell find static/src static/public static/scripts docs/handbook -type f ! -name '*.gen.ts' 2>/dev/null) \
	$(wildcard static/*.html static/*.ts static/tsconfig*.json) static/package.json static/openapi.json

##@ Use
.PHONY: run
run: need-run .venv/.stamp static/dist/index.html ## Start the server with the demo contest (HOST, PORT, DATA, ROBOTS=60)
	exec $(UV_RUN) ccss demo --data "$(DATA)" --host "$(HOST)" --port "$(PORT)" --robots "$(ROBOTS)"

.PHONY: build
build: need-run static/dist/index.html ## Build the front end into static/dist

.PHONY: wheel
wheel: need-run .venv/.stamp static/dist/index.html ## Build the installable wheel into dist/
	uv build --wheel --quiet --out-dir dist
	ls dist/*.whl

.PHONY: bundle
bundle: wheel $(if $(TTS),.tools/voices/.stamp) ## Build offline bundles for Linux and Windows into dist/ (TTS=1: with voices)
	$(UV_RUN) python .ci/bundle/build.py "$$(ls -t dist/ccss-*.whl | head -n 1)" $(if $(TTS),--voices .tools/voices)

##@ Work
.PHONY: setup
setup: need-run .venv/.stamp static/node_modules/.stamp ## Install Python and npm packages, nothing else

.PHONY: check
check: setup ## Format, lint, types, layers, migrations, OpenAPI, front end, wheel: fast ones first
	$(UV_RUN) ruff format --check .
	$(UV_RUN) ruff check .
	$(UV_RUN) lint-imports
	$(UV_RUN) python -m tests.checks migrations openapi
	$(UV_RUN) mypy
	$(NPM) run check
	$(MAKE) build
	$(UV_RUN) python -m tests.checks wheel

.PHONY: test
test: need-test setup static/dist/index.html .tools/voices/.stamp ## Every test, browser included; installs what they need
	CCSS_VOICES_DIR="$(CURDIR)/.tools/voices" .ci/suites

.PHONY: format
format: setup ## Format Python and the front end, and mend what the linter can
	$(UV_RUN) ruff check --fix --quiet . || true
	$(UV_RUN) ruff format .
	$(NPM) run format

.PHONY: openapi
openapi: need-run .venv/.stamp ## Write static/openapi.json from the code
	$(UV_RUN) ccss openapi > static/openapi.json.new
	mv static/openapi.json.new static/openapi.json

##@ Measure
.PHONY: bench
bench: setup static/dist/index.html ## Figures as BENCH lines; ONLY=core, hall, voice or chat for one part
	$(UV_RUN) python -m tests.bench $(if $(ONLY),--only $(ONLY))

.PHONY: soak
soak: setup static/dist/index.html ## Many seats, kills and cuts at random for MINUTES, then 265 calls for MINUTES
	$(UV_RUN) python -m tests.bench --only soak --minutes $(MINUTES)
	$(UV_RUN) python -m tests.bench --only soak-voice --minutes $(MINUTES)

##@ Clean
.PHONY: clean
clean: ## Remove what was built; keeps installed packages and the data in var/
	rm -rf dist build static/dist static/test-results static/playwright-report static/src/api/schema.gen.ts
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find server chat_sim telephony typing_test grading agents tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## Also remove the installed packages
	rm -rf .venv .tools static/node_modules static/.cache

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: need-run need-test
need-run:
	@.ci/need python
need-test:
	@.ci/need python browser

# Stamps: each step runs again only when what it reads has changed.

.tools/uv.stamp: .ci/get-uv
	.ci/get-uv
	touch $@

.tools/node.stamp: .ci/get-node .tools/uv.stamp
	.ci/get-node
	touch $@

.venv/.stamp: pyproject.toml uv.lock hatch_build.py .tools/uv.stamp
	uv sync --locked --quiet
	touch $@

# Voices for the tests of rendering; --inexact, since the extra is no part of a plain installation.
.tools/voices/.stamp: .venv/.stamp .tools/node.stamp server/speech/voices.py
	uv sync --locked --inexact --quiet --extra tts
	$(UV_RUN) ccss voices install --to .tools/voices
	touch $@

static/node_modules/.stamp: static/package.json static/package-lock.json static/.npmrc .tools/node.stamp
	$(NPM) ci
	touch $@

static/dist/index.html: $(FRONT_SOURCES) static/node_modules/.stamp
	$(NPM) run build
	touch $@
