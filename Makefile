# Two commands matter: `make demo` and `make test`. Each does all its own set-up.
# Compiled once, not by each of the hundreds of processes that the demo and the tests start.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.run/pycache

.PHONY: demo test lint types imports unit torture bench bench-compare bench-parts bench-curves bench-endurance bench-start bench-profiles bench-streams bench-check lock setup browser tools clean

demo: setup  ## The whole journey on this machine. KEEP=1 leaves it running.
	@.venv/bin/python deploy/demo $(if $(KEEP),--keep)

test: setup lint types imports unit  ## Everything that CI runs.

setup:
	@deploy/setup.sh

browser:  ## Chromium for the tests, Debian's own. The demo does not need it.
	@deploy/browser.sh

tools:  ## Programs of other makers that the tests talk to, Debian's own. The demo needs none.
	@deploy/tools.sh

lint: setup
	@.venv/bin/ruff check --quiet . && .venv/bin/ruff format --check --quiet . && echo "ruff: clean"

types: setup
	@.venv/bin/mypy --no-error-summary && echo "mypy --strict: clean"

imports: setup
	@.venv/bin/lint-imports --no-logo

unit: setup browser tools
	@.venv/bin/python deploy/tests.py $(PYTEST)

torture: setup  ## Killing everything: a thousand rounds while dossiers flow, a hundred while money comes; under an hour.
	@LIENTHONG_TEST_ROUNDS=1000 .venv/bin/pytest -q -s --timeout=0 tests/e2e/test_crashes.py
	@LIENTHONG_TEST_ROUNDS=100 .venv/bin/pytest -q -s --timeout=0 tests/e2e/test_money_kills.py

bench: setup  ## Everything below but the long runs, in modest sizes, in about 25 minutes; docs/performance.md says what it means.
	@bench/peers/setup.sh
	@.venv/bin/python bench/everything.py

bench-compare: setup  ## Beside what a user would pick instead. BENCH="--cases citizen --rounds 7 --seconds 3": a part, or more of it.
	@bench/peers/setup.sh
	@.venv/bin/python bench/everything.py --parts compare $(BENCH)

bench-check: setup  ## Fails where the last comparison fell below bench/bars.toml, or is of other code. CHECK=--of-any-commit: it may be.
	@.venv/bin/python bench/compare.py --check-only $(CHECK)

bench-parts: setup  ## All but the comparison; each part is a program in bench/, its sizes here stand in bench/everything.py.
	@bench/peers/setup.sh
	@.venv/bin/python bench/everything.py --without compare

bench-curves: setup  ## What a request costs as payload, callers, backlog, log, tenants grow; docs/curves.md. CURVES="--profile --write docs": everything.
	@bench/peers/setup.sh
	@.venv/bin/python bench/everything.py --parts curves $(CURVES)

ENDURANCE ?= --requests 1000000

bench-endurance: setup  ## Half an hour and more: fails where one API process holds more than 150 MB, or more and more, or was not asked all.
	@.venv/bin/python bench/endurance.py --check $(ENDURANCE)

bench-start: setup  ## From the command to the first answer; fails where that takes longer than 2 seconds.
	@.venv/bin/python bench/startup.py --check

bench-profiles: setup  ## Where the CPU of each case goes, by part of the code. PROFILES="--case citizen --seconds 20": one of them.
	@bench/peers/setup.sh
	@.venv/bin/python bench/profiles.py $(PROFILES)

STREAMS ?= --bodies 200 --megabytes 20

bench-streams: setup  ## 200 files of 20 MB at once, in and out; fails where one API process grows by 50 MB or more for them.
	@.venv/bin/python bench/streams.py $(STREAMS)

lock: setup  ## Pin again what pyproject.toml asks for: hashes, no host names.
	@.venv/bin/uv pip compile -q pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --upgrade -o requirements.lock

clean:
	@rm -rf .venv .run bench/peers/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
