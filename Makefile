# Everything here works on a fresh Debian 12 with python3, make and git: the rest comes through pip and npm, locked by hash.
PYTHON ?= python3
PORT ?= 4566
PY := .venv/bin/python
PIP_WHEEL := $(wildcard infra/local/pip-*.whl)
# A file's tests stay together, those on the emulator first: they take longest.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: run test load unit lint types format lock clean .venv
.DEFAULT_GOAL := run

run: .venv
	@PORT=$(PORT) $(PY) -m infra.local.run

test: lint types
	$(PY) -m pytest $(SIDE_BY_SIDE)

load: .venv
	@$(PY) -m tests.load

unit: .venv
	$(PY) -m pytest -q $(SIDE_BY_SIDE) --hypothesis-profile=quick tests/unit

lint: .venv
	$(PY) -m ruff check
	$(PY) -m ruff format --check

types: .venv
	$(PY) -m mypy

format: .venv
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

.venv: .venv/made

# Debian parts ensurepip from python3; pip itself therefore comes with the repository.
.venv/made: requirements-dev.txt $(PIP_WHEEL)
	@command -v $(PYTHON) >/dev/null || { echo "OpenMAS needs Python 3.11 or newer, and $(PYTHON) is not there."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "OpenMAS needs Python 3.11 or newer; say which with PYTHON=…"; exit 1; }
	@echo "Preparing .venv (once, about half a minute) …"
	@rm -rf .venv
	@$(PYTHON) -m venv --without-pip .venv
	@$(PY) $(PIP_WHEEL)/pip install -q --disable-pip-version-check --no-index --no-deps $(PIP_WHEEL)
	@$(PY) -m pip install -q --disable-pip-version-check --no-compile --only-binary=:all: --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

# uv reckons for every platform and Python at once; it is needed for nothing else, hence lives apart.
lock: .venv
	$(PYTHON) -m venv --without-pip .build/uv
	.build/uv/bin/python $(PIP_WHEEL)/pip install -q uv
	.build/uv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		layers/dependencies/requirements.in -o layers/dependencies/requirements.txt
	.build/uv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		layers/dependencies/requirements.in --group dev -c layers/dependencies/requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv .build cdk.out
