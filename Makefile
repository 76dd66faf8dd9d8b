# `make serve` and `make test` need Python 3.11 and nothing else; they set up .venv by themselves.
PYTHON ?= python3
PORT ?= 8080
SECONDS ?= 240
COVERAGE ?=
VENV := .venv
BIN := $(VENV)/bin

.PHONY: serve test long coverage check bench docs fuzz clean

serve: $(VENV)/runtime
	@$(BIN)/python -m simulator serve --port $(PORT)

test: $(VENV)/dev
	$(BIN)/python -m pytest -n auto $(COVERAGE)

long: $(VENV)/dev
	$(BIN)/python -m pytest -n auto --hypothesis-profile=long tests/properties

coverage:
	@$(MAKE) --no-print-directory test COVERAGE=--cov

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks

docs: $(VENV)/dev
	$(BIN)/python -m simulator.fidelity docs
	$(BIN)/python -m simulator scenario schema > scenarios/schema.json

fuzz: $(VENV)/runtime .venv-fuzz/ready
	$(BIN)/python -m fuzz.run .venv-fuzz/bin/st $(SECONDS)

clean:
	rm -rf $(VENV) .venv-fuzz .coverage* .schemathesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# A stamp per kind of set-up; a changed pyproject.toml sets up anew.
$(VENV)/runtime: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/dev: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) for development (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/runtime

.venv-fuzz/ready: Makefile
	@test -x .venv-fuzz/bin/python || $(PYTHON) -m venv .venv-fuzz
	@echo "Setting up .venv-fuzz (once)"
	@.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check 'schemathesis >= 4.30, < 5'
	@touch $@
