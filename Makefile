# One recipe per habit; CI calls the same ones.
PY ?= python3.11
BIN := .venv/bin
WORKERS ?= $(shell expr $$(nproc) + 1) # one more than cores: many tests wait for processes of their own

.PHONY: demo test check ordeal soak nightly bench format lint types house clean constraints

demo: .venv/ready            ## a simulated line tests good and bad cables, and writes a report
	$(BIN)/station demo

test: .venv/ready            ## every promise has a test
	$(BIN)/pytest -n $(WORKERS) -q

check: format lint types house test ordeal soak

ordeal: .venv/ready          ## 2,000 runs in which the system fails, and every promise is checked
	$(BIN)/station prove --system --seed 1 --runs 2000

soak: .venv/ready            ## a daemon whose broker, bench, guardian and self are killed and frozen: nothing lost, nothing left on
	$(BIN)/python -m benchmarks.soak --seed 1 --minutes 0.5

nightly: .venv/ready         ## the same with 100,000 runs, other ones every day
	$(BIN)/station prove --system --seed $(shell date -u +%Y%m%d) --runs 100000

format: .venv/ready
	$(BIN)/ruff format --check .
lint: .venv/ready
	$(BIN)/ruff check .
types: .venv/ready
	$(BIN)/mypy
house: .venv/ready
	$(BIN)/lint-imports

bench: .venv/bench-ready     ## figures and ratios, side by side with the peers
	$(BIN)/python -m benchmarks

.venv/ready: pyproject.toml constraints.txt
	$(PY) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt
	touch $@

.venv/bench-ready: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,bench]' -c constraints.txt
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
