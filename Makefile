# What people and CI run; every target does its own set-up. `make help` lists them.

PYTHON ?= python3
CONFIG ?= config/telemarketing.example.toml

UV := .tools/bin/uv
BIN := .venv/bin
LOCKS := requirements/runtime.txt requirements/dev.txt
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links

# Tests fill a tiny disk, enter chroots and run PostgreSQL under its own user: that takes root. Whoever
# has sudo gets it for them alone, and no file of root's is left in the tree.
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),$(shell command -v sudo))
TESTING := $(if $(AS_ROOT),$(AS_ROOT) env PYTHONDONTWRITEBYTECODE=1 \
	HYPOTHESIS_STORAGE_DIRECTORY=/var/tmp/telemarketing-hypothesis)
PYTEST := $(TESTING) $(BIN)/pytest -p no:cacheprovider

# Python comes from the system, never as a download of uv's.
export UV_PYTHON_DOWNLOADS := never
# Whom the system trusts, uv trusts, as pip and apt do: some houses have a certificate of their own.
export UV_SYSTEM_CERTS := 1
export UV_NO_PROGRESS := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo picture test lint format run bench lock messages clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: .venv/.ready ## make .venv with the command `telemarketing`

test: setup ## all tests, the fast ones first; installs what they need
	requirements/debian-install.sh requirements/debian-tests.txt
	$(PYTEST) -m "not (database or process or browser or asterisk)"
	$(PYTEST) -m "database and not (process or browser or asterisk)"
	$(PYTEST) -m "process and not (browser or asterisk)"
	$(PYTEST) -m "browser and not asterisk"
	$(TESTING) $(BIN)/python -m tests.asterisk.build
	$(PYTEST) -m asterisk

lint: setup ## style, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## bring the code into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

demo: setup ## the panel with a simulated PBX and made-up people; needs nothing else
	$(BIN)/telemarketing demo

picture: setup ## the pictures of the README, taken anew of the demo
	$(BIN)/python -m tests.browser.picture

run: setup ## the daemon, with CONFIG=file
	$(BIN)/telemarketing serve --config $(CONFIG)

bench: setup .venv-runtime/.ready ## the figures of docs/benchmarks.md
	requirements/debian-install.sh requirements/debian-tests.txt
	$(BIN)/python -m bench.run

lock: .tools/.ready ## fit the lock files to what is asked; LOCK_FLAGS=--upgrade takes newer versions
	$(COMPILE) $(LOCK_FLAGS) requirements/tools.in -o requirements/tools.txt
	$(COMPILE) $(LOCK_FLAGS) pyproject.toml -o requirements/runtime.txt
	$(COMPILE) $(LOCK_FLAGS) requirements/dev.in -o requirements/dev.txt
	$(COMPILE) $(LOCK_FLAGS) requirements/node.in -o requirements/node.txt

messages: setup ## fit the .po files to the sentences of the screens; names what is not translated
	flock telemarketing/web/locale $(BIN)/python -m telemarketing.web.messages

clean: ## remove what the build made
	rm -rf .venv .venv-runtime .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.tools/.ready: requirements/tools.txt requirements/debian-setup.txt
	requirements/debian-install.sh requirements/debian-setup.txt
	$(PYTHON) -m venv --clear .tools
	.tools/bin/pip install --quiet --require-hashes -r requirements/tools.txt
	touch $@

# What users install and nothing else: the tools of the tests would weigh on the figures of memory.
.venv-runtime/.ready: .venv/.ready $(shell find telemarketing -name '*.py' -o -name '*.html' -o -name '*.css' -o -name '*.js')
	rm -rf dist
	$(UV) venv --quiet --clear --python $(BIN)/python .venv-runtime
	$(UV) pip sync --quiet --python .venv-runtime/bin/python --require-hashes requirements/runtime.txt
	$(BIN)/hatchling build --target wheel >/dev/null
	$(UV) pip install --quiet --python .venv-runtime/bin/python --no-deps dist/telemarketing-*.whl
	touch $@

# What the build hook reads: a change of it makes the front-end files and the languages anew.
FRONT_END := hatch_build.py package.json package-lock.json \
	$(wildcard telemarketing/web/locale/*/LC_MESSAGES/*.po)

.venv/.ready: .tools/.ready $(LOCKS) pyproject.toml $(FRONT_END)
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes $(LOCKS)
	command -v npm >/dev/null || .tools/bin/pip install --quiet --require-hashes -r requirements/node.txt
	PATH="$$PATH:$(CURDIR)/.tools/bin" \
		$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@
