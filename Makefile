# make run    sets everything up and runs the flagship recipe, to a registered model
# make test   sets everything up and runs the tests
# make check  style, types, direction of imports, spelling, documentation
# make bench  measures: ours, MLflow Recipes 2.22.5 and a hand-written script, side by side
# make docs   serves the documentation on this machine and rebuilds it at each change
# make lock   resolves the dependencies anew
# make clean  removes what the others made; runs and registered models in metadata/mlflow stay
.PHONY: help run test check bench docs reference lock clean

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.10; do \
	"$$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo "$$python" && break; done)
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check

ifeq ($(wildcard .venv/Scripts),)
BIN = .venv/bin
else
BIN = .venv/Scripts
endif

help:
	@sed -n 's/^# //p' Makefile

run: .venv/run.stamp
	$(BIN)/python -m mlflow_recipes run --profile local

test: .venv/dev.stamp
	$(BIN)/python -m pytest

check: .venv/dev.stamp
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

bench: .venv/dev.stamp reference
	$(BIN)/python benchmarks/run.py

docs: .venv/dev.stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs serve --dev-addr 127.0.0.1:8000

# MLflow Recipes 2.22.5 and, beside it, ours with the same library versions, without and with Spark: for tests/compat,
# tests/e2e and benchmarks.
reference: .cache/reference/made.stamp .cache/same-libraries/made.stamp .cache/spark/made.stamp

lock: .venv/dev.stamp
	$(BIN)/python scripts/lock.py

clean:
	rm -rf .venv .cache metadata/recipes site build dist
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python .venv/Scripts/python:
	@test -n "$(PYTHON)" || { echo "Python 3.10 to 3.13 is needed, and none was found: python3 is" \
		"$$(python3 --version 2>&1 || true). Name one with: make run PYTHON=/path/to/python"; exit 1; }
	@echo "Making .venv with $(PYTHON) ($$($(PYTHON) --version)); this happens once."
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing requirements.lock: about a minute."
	@$(BIN)/python $(PIP_INSTALL) -r requirements.lock
	@$(BIN)/python $(PIP_INSTALL) --no-deps --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing requirements-dev.lock: about a minute."
	@$(BIN)/python $(PIP_INSTALL) -r requirements-dev.lock
	@$(BIN)/python $(PIP_INSTALL) --no-deps --editable .
	@touch $@ .venv/run.stamp

.cache/reference/made.stamp: benchmarks/reference-requirements.txt | $(BIN)/python
	@echo "Installing MLflow Recipes 2.22.5 into .cache/reference: about a minute."
	@$(BIN)/python -m venv .cache/reference
	@.cache/reference/bin/python $(PIP_INSTALL) -r $<
	@touch $@

.cache/same-libraries/made.stamp: benchmarks/same-libraries-requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing mlflow-recipes with the same libraries into .cache/same-libraries: about a minute."
	@$(BIN)/python -m venv .cache/same-libraries
	@.cache/same-libraries/bin/python $(PIP_INSTALL) -r $<
	@.cache/same-libraries/bin/python $(PIP_INSTALL) --no-deps --editable .
	@touch $@

.cache/spark/made.stamp: benchmarks/spark-requirements.txt benchmarks/same-libraries-requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing mlflow-recipes with Spark into .cache/spark: about a minute."
	@$(BIN)/python -m venv .cache/spark
	@.cache/spark/bin/python $(PIP_INSTALL) -r $<
	@.cache/spark/bin/python $(PIP_INSTALL) --no-deps --editable .
	@touch $@
