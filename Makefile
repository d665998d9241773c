# Everything is set up into .venv and node_modules; nothing is needed beforehand but Python 3.11 or later.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: setup run test lint bench prove lock server-setup

setup: $(VENV)/.installed dashboard/node_modules/.installed $(VENV)/.compiled

$(VENV)/.installed: requirements/bootstrap.txt requirements/lock.txt pyproject.toml
	@echo "Installing the Python packages into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements/lock.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

dashboard/node_modules/.installed: dashboard/package-lock.json | $(VENV)/.installed
	@echo "Installing the dashboard's packages ..."
	@cd dashboard && npm ci --silent
	@touch $@

# The solver's and the built-in world's kernels; without this the first start would do it.
$(VENV)/.compiled: $(VENV)/.installed $(shell grep -rlE "numba|njit" src --include=*.py)
	@echo "Compiling the kernels (about a minute, once) ..."
	@$(BIN)/python -m conscious_bot._compiled
	@touch $@

# The driver for real servers: large, so only tests and the first --world HOST:PORT install it.
body-driver/node_modules/.installed: body-driver/package-lock.json | $(VENV)/.installed
	@echo "Installing the Minecraft driver's packages ..."
	@cd body-driver && npm ci --silent
	@touch $@

server-setup: setup body-driver/node_modules/.installed

run: setup
	@$(BIN)/conscious-bot run $(ARGS)

test: server-setup
	@$(BIN)/python -m pytest $(ARGS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/pyright

bench: server-setup
	@$(BIN)/python -m benchmarks $(ARGS)

prove: server-setup
	@$(BIN)/python -m tools.prove $(ARGS)

lock:
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements/lock.txt
	@$(BIN)/uv pip compile requirements/bootstrap.in --universal --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements/bootstrap.txt
