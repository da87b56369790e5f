# make run    sets everything up and runs the flagship recipe, to a registered model
# make test   sets everything up and runs the tests
.PHONY: run test check bench docs reference lock clean

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.10; do \
	"$$p" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo "$$p" && break; done)
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check

ifeq ($(wildcard .venv/Scripts),)
BIN = .venv/bin
else
BIN = .venv/Scripts
endif

run: .venv/run.stamp
	$(BIN)/mlflow-recipes run --profile local

test: .venv/dev.stamp
	$(BIN)/python -m pytest

check: .venv/dev.stamp
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m mkdocs build --strict --quiet

bench: .venv/dev.stamp reference
	$(BIN)/python benchmarks/run.py

docs: .venv/dev.stamp
	$(BIN)/python -m mkdocs serve --dev-addr 127.0.0.1:8000

# MLflow Recipes 2.22.5 and, beside it, ours with the same library versions: for tests/compat and benchmarks.
reference: .cache/reference.stamp .cache/same-libraries.stamp

lock: .venv/dev.stamp
	$(BIN)/python scripts/lock.py

clean:
	rm -rf .venv .cache metadata site build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python .venv/Scripts/python:
	@test -n "$(PYTHON)" || { echo "Python 3.10 to 3.13 is needed; python3 is: $$(python3 --version 2>&1)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python $(PIP_INSTALL) -r requirements.lock
	$(BIN)/python $(PIP_INSTALL) --no-deps --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python $(PIP_INSTALL) -r requirements-dev.lock
	$(BIN)/python $(PIP_INSTALL) --no-deps --editable .
	@touch $@ .venv/run.stamp

.cache/reference.stamp: benchmarks/reference-requirements.txt
	$(PYTHON) -m venv .cache/reference
	.cache/reference/bin/python $(PIP_INSTALL) -r $<
	@touch $@

.cache/same-libraries.stamp: benchmarks/same-libraries-requirements.txt pyproject.toml
	$(PYTHON) -m venv .cache/same-libraries
	.cache/same-libraries/bin/python $(PIP_INSTALL) -r $<
	.cache/same-libraries/bin/python $(PIP_INSTALL) --no-deps --editable .
	@touch $@
