# `make demo` shows the main job, `make test` checks the machine it runs on. `make help` has the rest.

PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
NATIVE := $(shell find csrc/include csrc/src csrc/bench -name '*.[ch]' 2>/dev/null) \
    $(wildcard vocana_dsp/_native/*.p[yx]*) setup.py pyproject.toml
C_PROOFS := asan tsan models stress neon headers check-kernels fuzz

.PHONY: help demo test quick c-tests python-tests full lint faults crash coverage long lives rt bench bench-tests bench-c clean packages $(C_PROOFS)
.DEFAULT_GOAL := help

help:
	@echo "demo    5 s of capture while a Python thread sorts, beside a Python callback"
	@echo "test    the quick lane: c-tests and python-tests (minutes)"
	@echo "full    everything: lint, all tests, sanitizers, models, real-time proofs, exits (an hour)"
	@echo "faults  every fault that is known, played: what was injected, what was seen (minutes)"
	@echo "lint    formatters, linters, types"
	@echo "asan tsan models stress neon headers coverage    one proof of the C library"
	@echo "fuzz    WAV heads, sidecars and sequences of operations, 10^7 executions each (FUZZ_RUNS),"
	@echo "        and a hundredth of that of whole recordings"
	@echo "crash   $(IMAGES) power cuts of a recording, read by five programs, and planted faults"
	@echo "check-kernels  every kernel and level beside scalar, and planted faults"
	@echo "bench-c the kernels alone, in ns and cycles a sample, beside the limits of the machine"
	@echo "rt      no allocation, lock or blocking call in a callback: proven, then counted"
	@echo "long    tests too long for the quick lane"
	@echo "lives   of these, how processes start, end and are killed"
	@echo "bench-tests    the benches and their figures, run once as tests"
	@echo "bench   every figure beside its peer; fails when a target is missed"

# --- Environment -----------------------------------------------------------

$(VENV)/ready: pyproject.toml
	@tools/check-machine $(PYTHON)
	@echo "making the environment $(VENV) and building; a few minutes"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --upgrade pip
	@$(PY) -m pip install --quiet "setuptools>=77" "cython>=3.1" "numpy>=2.0"
	@touch $@

# $(1): extras
define install
	@$(PY) -m pip install --quiet --no-build-isolation --editable ".[$(1)]"
	@touch $@
endef

$(VENV)/demo: $(VENV)/ready $(NATIVE)
	$(call install,plot)

$(VENV)/test: $(VENV)/ready $(NATIVE)
	$(call install,dev)

# --- The two commands ------------------------------------------------------

demo: $(VENV)/demo
	@$(PY) examples/demo.py

test: packages
	@$(MAKE) --no-print-directory quick

packages:
	@tools/install-packages

quick: c-tests python-tests
	@echo "not run here, but by make full (an hour): lint asan tsan rt models stress neon coverage fuzz crash faults long bench-tests"

c-tests: $(VENV)/test
	@$(MAKE) --no-print-directory -C csrc test PYTHON=$(abspath $(PY)) BUILD=$(CURDIR)/build/c

python-tests: $(VENV)/test
	@$(PY) -m pytest -q -m "$$(tools/install-packages --marks)"

# --- Full lane -------------------------------------------------------------

# The Python tests are a part of rt, which runs them under the guard.
full: packages lint c-tests rt faults headers asan tsan models stress neon coverage fuzz crash \
    long bench-tests

lint: $(VENV)/test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@PATH="$(abspath $(VENV)/bin):$$PATH" cython-lint vocana_dsp/_native --max-line-length 100
	@find csrc tests -name '*.[ch]' | xargs $(VENV)/bin/clang-format --dry-run -Werror
	@echo "lint: clean"

$(C_PROOFS): $(VENV)/test
	@$(MAKE) --no-print-directory -C csrc $@ PYTHON=$(abspath $(PY)) BUILD=$(CURDIR)/build/c

IMAGES ?= 1e5

crash: $(VENV)/test
	@$(MAKE) --no-print-directory -C csrc $@ PYTHON=$(abspath $(PY)) BUILD=$(CURDIR)/build/c \
	    IMAGES=$(IMAGES)
	@VOCANA_CRASH_IMAGES=$(IMAGES) $(PY) -m pytest -q tests/faults/test_crash_readers.py

# Of C by its own tests, then of what brings a device back by these; with one of them it must fail.
RECOVERY := supervisor follower recovery recovery_times opening states attempts
COVERED = COVERAGE_FILE=$(CURDIR)/build/$(1).coverage $(PY) -m coverage

coverage: $(VENV)/test
	@$(MAKE) --no-print-directory -C csrc $@ PYTHON=$(abspath $(PY)) BUILD=$(CURDIR)/build/c
	@$(call COVERED,all) run -m pytest -q $(RECOVERY:%=tests/test_%.py)
	@$(call COVERED,all) report
	@$(call COVERED,one) run -m pytest -q tests/test_supervisor.py
	@if $(call COVERED,one) report >build/one.txt; then echo "one test of seven: MISSED"; exit 1; fi
	@echo "caught: tests that do not take every branch"

# The proof by types, the count over the C tests, then the count over the whole Python suite.
GUARD := $(CURDIR)/build/c/guard

rt: $(VENV)/test
	@$(MAKE) --no-print-directory -C csrc effects guard PYTHON=$(abspath $(PY)) BUILD=$(CURDIR)/build/c
	@rm -f $(GUARD)/suite.count
	@VOCANA_GUARD_FILE=$(GUARD)/suite.count LD_PRELOAD=$(GUARD)/guard.so \
	    $(PY) -m pytest -q -m "$$(tools/install-packages --marks)"
	@$(GUARD)/guard_report $(GUARD)/suite.count "callbacks of the Python suite" 1000

long: $(VENV)/test
	@$(PY) -m pytest -q -m long

lives: $(VENV)/test
	@$(PY) -m pytest -q -m long tests/test_exits.py tests/test_cycles.py tests/test_kills.py

# Rows and tests: tests/fault_rows.py.
FAULTS_IN_C := test_crash_images test_record_faults test_recorder

faults: $(VENV)/test
	@$(MAKE) --no-print-directory -C csrc guard-tools PYTHON=$(abspath $(PY)) BUILD=$(CURDIR)/build/c
	@$(MAKE) --no-print-directory -C csrc -s VARIANT=plain BUILD=$(CURDIR)/build/c \
	    $(FAULTS_IN_C:%=$(CURDIR)/build/c/plain/%)
	@VOCANA_GUARD=$(GUARD) PYTHONPATH=tests $(PY) -m pytest -q -p fault_report \
	    -m "$$(tools/install-packages --marks | sed 's/not long/fault/')" -o 'norecursedirs=.* build' tests

bench-tests: $(VENV)/test
	@$(PY) -m pytest -q --benchmark-disable bench
	@$(PY) -m pytest -q -m figures

bench: $(VENV)/test
	@$(VENV)/bin/vocana bench

bench-c: $(VENV)/test
	@$(MAKE) --no-print-directory -C csrc bench PYTHON=$(abspath $(PY)) BUILD=$(CURDIR)/build/c

clean:
	rm -rf build $(VENV) demo-output
	find vocana_dsp -name '*.so' -delete
