# Entry points: each installs what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
INSTALLED := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help up down status test check constraints machine python
.DEFAULT_GOAL := help

help: ## What there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /make \1\t/' | expand -t 20

up: machine $(INSTALLED) ## Start everything and wait until it is healthy
	@$(VENV)/bin/cityops up

down: ## Stop everything; the data stays
	@if [ -x $(VENV)/bin/cityops ]; then $(VENV)/bin/cityops down; else echo "nothing was running"; fi

status: $(INSTALLED) ## Health of every part
	@$(VENV)/bin/cityops status

test: machine $(INSTALLED) ## All tests; PYTEST="..." adds arguments, such as --slow
	@$(VENV)/bin/pytest $(PYTEST)

check: $(INSTALLED) ## Format, lint, types, direction of imports
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

constraints: python ## Pin the newest versions of everything again
	@rm -rf build/pins && mkdir -p build && $(PYTHON) -m venv build/pins
	@build/pins/bin/pip install -q -e '.[test,check]'
	@build/pins/bin/pip freeze --exclude-editable > constraints.txt
	@rm -rf build/pins

# What the machine has to have; as root it is installed, otherwise listed.
machine: python
	@$(PYTHON) deploy/local/requirements.py

python:
	@command -v $(PYTHON) > /dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; \
	  then apt-get update && apt-get install -y --no-install-recommends python3 python3-venv; \
	  else echo "error: $(PYTHON) is missing: sudo apt-get install python3 python3-venv" >&2; exit 1; \
	  fi; }

$(INSTALLED): pyproject.toml constraints.txt | python
	@$(PYTHON) deploy/local/requirements.py --venv-only
	@[ -x $(VENV)/bin/python ] || { echo "creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing Python packages"
	@$(VENV)/bin/pip install -q -c constraints.txt -e '.[test,check]'
	@touch $@
