# `make demo` and `make test` need python3 (3.11 or newer), make and the package registries; nothing else.
PYTHON ?= python3
PORT ?= 8000
# For how long reviewers work under kills on each engine.
SOAK_SECONDS ?= 600
BIN := .venv/bin
export PYTHONUNBUFFERED = 1

.PHONY: demo test soak bench eval screenshots lint lock help

help:
	@echo "make demo    a site with articles, suggestions and accounts on 127.0.0.1:$(PORT)"
	@echo "make test    the test suite, browser included, in minutes"
	@echo "make soak    what takes long: kills, fuzzing, training; SOAK_SECONDS=40 for shorter kills"
	@echo "make bench   the benchmarks; writes bench.json"
	@echo "make eval    the pre-annotator against annotated corpora; writes eval.json"
	@echo "make screenshots  every page, in three looks, under docs/screenshots/"
	@echo "make lint    format, lint and types"
	@echo "make lock    compile requirements.txt anew (needs uv)"

demo: .venv/.server
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py seed
	@$(BIN)/python manage.py suggest seeds
	@exec $(BIN)/python manage.py serve --port $(PORT)

test: .venv/.tools
	@.ci/test test

soak: .venv/.tools
	@SOAK_SECONDS=$(SOAK_SECONDS) .ci/test soak

bench: .venv/.server
	@$(BIN)/python -m tools.bench
	@$(BIN)/python -m tools.bench_http

eval: .venv/.server
	@$(BIN)/python -m tools.evaluate

screenshots: .venv/.tools
	@CHROMIUM_PATH=$$(.ci/browser) $(BIN)/python -m tools.screenshots

lint: .venv/.tools
	@.ci/lint

lock:
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header requirements.in -o requirements.txt
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header .ci/requirements.in -c requirements.txt -o .ci/requirements.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Saidby needs Python 3.11 or newer")'
	@$(PYTHON) -m venv .venv

.venv/.server: requirements.txt .venv/bin/python
	@echo "Installing what the server needs (a few minutes the first time) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.tools: .ci/requirements.txt .venv/.server
	@echo "Installing what the tests need ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements.txt
	@touch $@
