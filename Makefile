# Entry points: each installs what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
INSTALLED := $(VENV)/.installed
CONSOLE := services/console
PAGES := $(CONSOLE)/dist/index.html
PROVIDER := tests/support/provider
CONTENDERS := build/contenders/.installed
# Of tests; all but the last, which does what needs none, start servers of their own (decision 0044).
PROCESSES ?= 4
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NPM_CONFIG_UPDATE_NOTIFIER := false
# Threads of a pool wait by spinning for one that has no processor, and tests run as more processes than there are.
ALONE := OPENCV_FOR_THREADS_NUM=1 OPENBLAS_NUM_THREADS=1

.PHONY: help up down status test quick check bench evaluate faults firefox chaos soak figures figures-age constraints locks notices machine python browser node
.DEFAULT_GOAL := help

help: ## What there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /make \1\t/' | expand -t 20

up: machine $(INSTALLED) $(PAGES) ## Start everything and wait until it is healthy
	@$(VENV)/bin/cityops up

down: ## Stop everything; the data stays
	@if [ -x $(VENV)/bin/cityops ]; then $(VENV)/bin/cityops down; else echo "nothing was running"; fi

status: $(INSTALLED) ## Health of every part
	@$(VENV)/bin/cityops status

test: machine browser $(INSTALLED) $(CONSOLE)/node_modules/.all $(PROVIDER)/node_modules/.all $(PAGES) ## All tests; PYTEST="..." adds arguments, such as --slow
	@$(ALONE) $(VENV)/bin/pytest --numprocesses $(PROCESSES) $(PYTEST)

quick: $(INSTALLED) ## Unit, property and contract tests without servers but for the longest, within 90 s on two cores
	@$(ALONE) $(VENV)/bin/pytest --numprocesses 2 -m "not long" tests/unit $(wildcard tests/contract) $(PYTEST)

check: $(INSTALLED) node $(CONSOLE)/node_modules/.all ## Format, lint, types, direction of imports, unused dependencies, licences, README
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/deptry .
	@$(VENV)/bin/python -m deploy.supply
	@cd $(CONSOLE) && npm run --silent check
	@$(VENV)/bin/python -m tests.figures --check

bench: machine $(INSTALLED) $(CONTENDERS) ## Speed, delay and memory, against other ways; ARGS="--rounds 1"
	@$(VENV)/bin/python -m tests.benchmarks $(ARGS)

evaluate: machine $(INSTALLED) ## Precision and recall on unseen seeds, 20 minutes on two cores; ARGS="--seeds 2001"
	@$(VENV)/bin/python -m tests.figures.evaluate $(ARGS)

faults: machine $(INSTALLED) $(PAGES) ## The tests that kill and pause, which write what they survived
	@$(VENV)/bin/pytest --slow tests/e2e/test_faults.py tests/e2e/test_decoder_faults.py tests/integration/test_worker.py tests/e2e/test_stack.py

firefox: machine browser $(INSTALLED) $(PAGES) ## The console in Firefox, which is installed for it where we may
	@$(PYTHON) deploy/local/requirements.py --firefox
	@$(VENV)/bin/pytest --slow tests/e2e/test_firefox.py

chaos: machine $(INSTALLED) ## Faults at random in a replay, 5 minutes; ARGS="--faults 30 --seed 7"
	@$(VENV)/bin/python -m tests.chaos $(ARGS)

soak: machine $(INSTALLED) $(PAGES) ## An hour of clock steps, slow links, corrections and kills on a whole stack; ARGS="--minutes 5"
	@$(VENV)/bin/python -m tests.soak $(ARGS)

figures: $(INSTALLED) ## Take what bench, evaluate and faults measured into the README
	@$(VENV)/bin/python -m tests.figures

figures-age: $(INSTALLED) ## Figures that are older than the code which they measure
	@$(VENV)/bin/python -m tests.figures --age

constraints: python ## Pin the newest versions of everything again
	@rm -rf build/pins && mkdir -p build && $(PYTHON) -m venv build/pins
	@build/pins/bin/pip install -q -e '.[build,test,check]'
	@build/pins/bin/pip freeze --all --exclude-editable --exclude pip > constraints.txt
	@rm -rf build/pins
	@$(MAKE) --no-print-directory locks

# For Linux and every Python that is supported, with the hash of each file.
LOCK := build/locks/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url
OURS := $(LOCK) -c constraints.txt pyproject.toml

locks: python ## Write the hashes of what constraints.txt pins
	@rm -rf build/locks && mkdir -p build && $(PYTHON) -m venv build/locks
	@build/locks/bin/pip install -q uv
	@$(OURS) --extra build -o deploy/locks/run.txt
	@$(OURS) --extra build --extra test --extra check -o deploy/locks/develop.txt
	@$(LOCK) deploy/locks/contenders.in -o deploy/locks/contenders.txt
	@rm -rf build/locks

notices: $(INSTALLED) $(CONSOLE)/node_modules/.all ## Write who wrote what the product carries
	@$(VENV)/bin/python -m deploy.supply --notices

# What the machine has to have; as root it is installed, otherwise listed.
machine: python
	@$(PYTHON) deploy/local/requirements.py

python:
	@command -v $(PYTHON) > /dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; \
	  then apt-get update && apt-get install -y --no-install-recommends python3 python3-venv; \
	  else echo "error: $(PYTHON) is missing: sudo apt-get install python3 python3-venv" >&2; exit 1; \
	  fi; }

# pip compiles what it installs, but not what it leaves in its place, as ours: all that starts at once
# would do that at the same time.
SOURCES := deploy models services simulators streams tests/support

# What is compiled is compiled again when it changes.
$(INSTALLED): pyproject.toml setup.py deploy/locks/develop.txt $(shell find models streams -name '*.pyx') | python
	@$(PYTHON) deploy/local/requirements.py --venv-only
	@[ -x $(VENV)/bin/python ] || { echo "creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing Python packages"
	@$(VENV)/bin/pip install -q --require-hashes -r deploy/locks/develop.txt
	@$(VENV)/bin/pip install -q --no-deps --no-build-isolation -e .
	@$(VENV)/bin/python -m compileall -q -j 0 -x node_modules $(SOURCES)
	@touch $@

# What others would take instead of us; apart, as it wants other versions of what we use.
$(CONTENDERS): deploy/locks/contenders.txt | python
	@[ -x $(@D)/bin/python ] || $(PYTHON) -m venv $(@D)
	@echo "installing the contenders of the benchmarks"
	@$(@D)/bin/pip install -q --require-hashes -r deploy/locks/contenders.txt
	@touch $@

browser: python
	@$(PYTHON) deploy/local/requirements.py --browser

node: python
	@$(PYTHON) deploy/local/requirements.py --console

# The console needs few packages to be built, more to be checked and tested.
$(CONSOLE)/node_modules/.some: $(CONSOLE)/package-lock.json | node
	@echo "installing the console's packages"
	@cd $(CONSOLE) && npm ci --omit=dev --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

$(CONSOLE)/node_modules/.all: $(CONSOLE)/package-lock.json | node
	@echo "installing the console's packages and its checks"
	@cd $(CONSOLE) && npm ci --no-audit --no-fund --loglevel=error > /dev/null
	@touch $(CONSOLE)/node_modules/.some $@

$(PROVIDER)/node_modules/.all: $(PROVIDER)/package-lock.json | node
	@echo "installing the identity provider for tests"
	@cd $(PROVIDER) && npm ci --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

$(CONSOLE)/build/network.geojson: simulators/city/network.net.xml.gz simulators/city/geojson.py $(INSTALLED)
	@$(VENV)/bin/python -m simulators.city.geojson $@

$(PAGES): $(shell find $(CONSOLE)/src -type f) $(CONSOLE)/index.html $(CONSOLE)/build.mjs \
		$(CONSOLE)/node_modules/.some $(CONSOLE)/build/network.geojson
	@echo "building the console"
	@cd $(CONSOLE) && npm run --silent build
