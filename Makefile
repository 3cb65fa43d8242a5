# Every target sets up what it needs in this checkout; Python 3.11 or later and a C compiler are all it asks for.
# Node is optional: with it, the tests drive the real YAML language server and axe. So is Chromium, which they open.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
NPM ?= $(shell command -v npm)
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
SERVER := node_modules/.installed
GUIDELINE ?= retroperitoneal-leiomyosarcoma
CASE ?= guidelines/retroperitoneal-leiomyosarcoma/cases/V01-index-case-before-surgery.yaml
PYTEST_FLAGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test lint layers types bench docs faults format node_modules clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo     evaluate the index case, and write its flowcharts and its report into demo/'
	@echo '              (CASE=FILE for another patient, GUIDELINE=ID for one of another guideline)'
	@echo 'make test     run every test (PYTEST_FLAGS="-k units" for some)'
	@echo 'make lint     ruff, formatting, import direction'
	@echo 'make types    mypy --strict'
	@echo 'make bench    print the benchmarks'
	@echo 'make docs     draw the pictures of the documentation again'
	@echo 'make faults   plant the hundred faults of docs/planted-faults.md again (half an hour)'
	@echo 'make format   rewrite the Python files in the common format'
	@echo 'make clean    remove everything that these targets made'

demo: $(RUNTIME)
	@$(BIN)/guidewright evaluate $(CASE) --guideline $(GUIDELINE)
	@mkdir -p demo
	@echo
	@echo 'The flowcharts of the guideline, those with the way of this patient, and the report for the tumour board:'
	@$(BIN)/guidewright draw $(GUIDELINE) -o demo/guideline/
	@$(BIN)/guidewright draw $(GUIDELINE) -o demo/guideline.pdf
	@$(BIN)/guidewright draw $(GUIDELINE) --patient $(CASE) -o demo/patient/
	@$(BIN)/guidewright draw $(GUIDELINE) --patient $(CASE) -o demo/patient.pdf
	@for ending in html md docx pdf; do \
	  $(BIN)/guidewright report $(CASE) --guideline $(GUIDELINE) -o demo/report.$$ending || exit 1; done

test: $(DEV) node_modules
	$(BIN)/pytest $(PYTEST_FLAGS)

lint: $(DEV) layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

layers: $(BIN)/python
	$(BIN)/python .ci/layers.py

types: $(DEV)
	$(BIN)/python .ci/view.py
	$(BIN)/mypy

# zen-engine is only there for the ratio; where it cannot be installed, that row says so.
bench: $(DEV)
	-@$(BIN)/python -m pip install --quiet zen-engine
	$(BIN)/python benchmarks/run.py

docs: $(RUNTIME)
	$(BIN)/python docs/guideline_readme.py
	$(BIN)/python docs/terminal_picture.py
	$(BIN)/python docs/gallery.py

faults: $(RUNTIME)
	$(BIN)/python docs/planted_faults.py

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

node_modules: $(SERVER)

clean:
	rm -rf $(VENV) demo .view node_modules build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'python 3.11 or later is needed, and none was found (PYTHON=... names one)' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo '$(PYTHON) is too old: python 3.11 or later is needed (PYTHON=... names one)' >&2; exit 1; }
	@echo 'setting up $(VENV), once' >&2
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --editable '.[documents,proofs]'
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(RUNTIME)

# Without npm, or without a connection, the tests that need these are skipped and say why; in CI a failure counts.
$(SERVER): package.json
ifeq ($(strip $(NPM)),)
	@echo 'npm was not found: the tests with the YAML language server and with axe will be skipped'
else
	@$(NPM) install --no-package-lock --no-audit --no-fund --loglevel=error && touch $@ || test -z "$$CI"
endif
