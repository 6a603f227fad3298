# One word each: `make help` says what they do. Nothing here needs root, node or a database server.

PYTHON ?= python3
PORT ?=
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
LANGUAGES := fr nl de

# The checks and messages need settings, but nobody's private ones.
WITH_TEST_ENV := set -a && . ./tests/test.env && set +a && DATABASE_URL=sqlite:///var/check.sqlite3
WITH_PRODUCTION_ENV := set -a && . ./tests/test.env && . ./tests/production.env && set +a &&

.DEFAULT_GOAL := help
.PHONY: help demo test check format messages bench a11y pictures
.PHONY: check-style check-types check-floors check-templates check-migrations check-messages check-deployment

help: ## say what each word does
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN_STAMP) ## serve the portal with its demo on this machine (another port: make demo PORT=8123)
	@exec $(PY) manage.py demo $(if $(PORT),--port $(PORT))

test: $(DEV_STAMP) ## run every test on SQLite and on PostgreSQL, and the journeys in Chromium
	@$(PY) -m tests.tools.run_tests

check: check-style check-types check-floors check-templates check-migrations check-messages check-deployment ## style, types, floors, templates, migrations, texts, deployment

check-style: $(DEV_STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

check-types: $(DEV_STAMP)
	@$(WITH_TEST_ENV) $(BIN)/mypy

check-floors: $(DEV_STAMP)
	@$(BIN)/lint-imports --no-cache --no-logo

check-templates: $(DEV_STAMP)
	@$(BIN)/djlint --lint --quiet templates rolemgmt/demo/services/templates

check-migrations: $(DEV_STAMP)
	@$(WITH_TEST_ENV) $(PY) manage.py makemigrations --check --dry-run

check-messages: $(DEV_STAMP)
	@$(PY) -m tests.tools.messages

check-deployment: $(DEV_STAMP)
	@$(WITH_PRODUCTION_ENV) $(PY) manage.py check --deploy --fail-level WARNING

format: $(DEV_STAMP) ## bring the code into the common style
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

messages: $(DEV_STAMP) ## collect the texts for the translators (needs GNU gettext) and compile the catalogues
	@$(WITH_TEST_ENV) $(PY) manage.py makemessages $(addprefix -l ,$(LANGUAGES)) \
		--add-location=file --no-wrap --no-obsolete --ignore=var --ignore=tests --ignore=$(VENV)
	@$(BIN)/pybabel compile -d locale -D django
	@$(PY) -m tests.tools.messages

a11y: $(DEV_STAMP) ## look at every screen in every state and language, light and dark; pictures in var/screens
	@A11Y=1 TEST_DATABASE=sqlite $(PY) -m pytest -n auto -q tests/screens --deselect tests/screens/test_pages.py
	@A11Y=1 TEST_DATABASE=sqlite $(PY) -m pytest -m browser -n auto --dist worksteal -q tests/screens
	@echo "The pictures: var/screens/index.html"

pictures: $(DEV_STAMP) ## take the pictures of the README anew
	@PICTURES=1 TEST_DATABASE=sqlite $(PY) -m pytest -m pictures -n 0 -q tests/screens

bench: $(DEV_STAMP) ## measure against what is possible on this machine
	@TEST_DATABASE=postgres $(PY) -m pytest -m benchmark -n 0 -s tests/benchmarks

# --- The virtual environment: made once, filled when a lock file has changed ---------------------------------------

$(PY):
	@command -v $(PYTHON) >/dev/null 2>&1 || \
		{ echo "No $(PYTHON) here: install Python 3.11 or later, or name yours: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$$($(PYTHON) --version) is too old: Python 3.11 or later is needed (make PYTHON=python3.12 ...)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing: apt-get install -y --no-install-recommends python3-venv"; exit 1; }
	@echo "Making the virtual environment"
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.txt | $(PY)
	@echo "Installing the packages"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt | $(PY)
	@echo "Installing the packages, with those for development"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(RUN_STAMP)
