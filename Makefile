# Two commands for newcomers: `make demo` and `make test`. Both do all their set-up in .venv; neither needs sudo.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
JOBS ?= 3
CARRIED := pipeline/outbox/crew.py,pipeline/outbox/worker.py,pipeline/outbox/line.py,pipeline/outbox/mark.py,pipeline/outbox/pace.py,pipeline/outbox/post.py
# Publishing and telling exactly once rests on these: every branch of them is tested.
CORE := pipeline/publish/*,pipeline/store/versions.py,pipeline/store/outbox.py,pipeline/store/following.py,pipeline/store/doubt.py,$(CARRIED)

.PHONY: help demo test lint types layers check lock benchmarks clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | sort

demo: $(VENV)/.installed  ## make media, run the main job on embedded defaults, publish, show the picture
	$(BIN)/shotmill demo

test: $(VENV)/.installed-dev  ## every test, with coverage
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --cov --cov-report= $(PYTEST_ARGS)
	$(BIN)/coverage report --fail-under=90 --sort=cover
	$(BIN)/coverage report --fail-under=100 --include='$(CORE)'

lint: $(VENV)/.installed-dev  ## format, lint, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell

types: $(VENV)/.installed-dev  ## mypy and pyright
	$(BIN)/mypy
	$(BIN)/mypy tests
	$(BIN)/pyright --warnings

layers: $(VENV)/.installed-dev  ## who may import whom
	$(BIN)/lint-imports

check: lint types layers test  ## everything CI checks but the wheel

benchmarks: $(VENV)/.installed-dev  ## ratios against the bare tools, printed as tables
	$(BIN)/python benchmarks/all.py

lock: $(VENV)/.installed-dev  ## make the hashed locks anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--extra dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		-c requirements-dev.lock pyproject.toml -o requirements.lock

clean:  ## remove what the build made
	rm -rf $(VENV) dist build shotmill-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else \
		"Shotmill needs Python 3.11, 3.12 or 3.13; this is %s. Try: make PYTHON=python3.11" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Shotmill into $(VENV) (about a minute) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Shotmill and its test tools into $(VENV) (a minute or two) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.installed
