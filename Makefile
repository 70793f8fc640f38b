# Everything a person or a machine runs here. Each target sets up what it needs.

SHELL := /bin/bash
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
BIN := .venv/bin
SAMPLE := sample_logs/berlin_utc_django/error.log

# The live tests start a real Apache, others a browser or a terminal; the benchmarks compare with these tools.
TEST_PACKAGES := apache2 libapache2-mod-wsgi-py3 python3-django faketime openssl strace chromium \
	gawk ripgrep tmux
# The newest mod_wsgi of PyPI, beside Debian's, is built with these.
BUILD_PACKAGES := apache2-dev python3-dev python3-venv gcc libc6-dev
BENCH_PACKAGES := lnav ripgrep gawk perl

.PHONY: demo test test-tools check mod-wsgi axe bench lock sbom audit fuzz mutants clean

demo: .venv/installed
	@before=$$(mktemp) after=$$(mktemp); trap 'rm -f $$before $$after' EXIT; \
	set -e; echo "errlog normalize --server-tz Europe/Berlin $(SAMPLE)"; \
	$(BIN)/errlog normalize --server-tz Europe/Berlin -o $$after $(SAMPLE); \
	sed -n 36,50p $(SAMPLE) > $$before; \
	printf '\n%-31s %-33s %s\n' 'local times, two zones' 'the same in UTC' 'text'; \
	paste -d ' ' <(cut -c2-32 $$before) <(sed -n 36,50p $$after | cut -c2-33) \
		<(cut -c34-110 $$before)

# Twice as many workers as the two cores of the machine that runs this for every change: a third of
# the tests wait for an Apache or a terminal.
test: .venv/installed-dev
	@$(MAKE) --no-print-directory -j 2 test-tools check
	$(BIN)/python -m pytest -n 4

# One after the other, for only one may install packages; beside them there is `check`.
test-tools:
	@for tool in system-test mod-wsgi axe; do $(MAKE) --no-print-directory $$tool || exit; done

check: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Against Debian's Apache and Python, as the module of Debian is.
mod-wsgi: | .venv/bin/python
	@[ -e .venv/mod_wsgi/built ] || { $(call install,$(BUILD_PACKAGES)); }; \
	$(MAKE) --no-print-directory .venv/mod_wsgi/built \
		|| echo "!!! COULD NOT BUILD the newest mod_wsgi: its live tests are skipped" >&2

.venv/mod_wsgi/built: locks/mod_wsgi.txt
	rm -rf .venv/mod_wsgi && /usr/bin/python3 -m venv .venv/mod_wsgi
	@# pip keeps what it builds by Python's version alone: perhaps of another Python.
	.venv/mod_wsgi/bin/python -m pip install --quiet --no-cache-dir --require-hashes \
		--disable-pip-version-check -r locks/mod_wsgi.txt
	@touch $@

# axe-core tells whether people can read a page; only its script is taken from this package.
axe: | .venv/bin/python
	@$(MAKE) --no-print-directory .venv/axe \
		|| echo "!!! COULD NOT FETCH axe-core: what needs it is skipped" >&2

.venv/axe: locks/axe.txt
	rm -rf $@ && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--require-hashes --target $@ -r locks/axe.txt
	@touch $@

bench: .venv/installed-bench system-bench
	$(BIN)/python -m benchmarks $(BENCH)

# The versions and hashes of all that is installed below; UPGRADE=--upgrade moves to newer ones.
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
	$(UPGRADE) pyproject.toml
lock: .venv/installed-trust
	$(COMPILE) -o locks/run.txt
	$(COMPILE) --group dev -c locks/run.txt -o locks/dev.txt
	$(COMPILE) --group bench -c locks/dev.txt -o locks/bench.txt
	$(COMPILE) --group dev --group trust -c locks/dev.txt -o locks/trust.txt

# What an installed errlog consists of, with versions and licences, in CycloneDX's form.
sbom: .venv/installed-trust
	rm -rf build/sbom && mkdir -p dist && $(PYTHON) -m venv --without-pip build/sbom
	$(BIN)/python -m pip --python build/sbom install --quiet --require-hashes -r locks/run.txt
	$(BIN)/python -m pip --python build/sbom install --quiet --no-deps .
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		-o dist/errlog.cdx.json build/sbom

# Known holes in what is locked. --strict: a database that cannot be asked is no good news.
audit: .venv/installed-trust
	$(BIN)/pip-audit --strict --disable-pip --require-hashes -r locks/run.txt -r locks/dev.txt

fuzz: .venv/installed-trust
	$(BIN)/python -m tests.fuzz $(FUZZ)

mutants: .venv/installed-trust
	$(BIN)/python -m tests.mutants $(MUTANTS)

clean:
	rm -rf .venv benchmarks/data dist build

# A stamp is made last, so that a broken installation is tried again.
INSTALL = $(BIN)/python -m pip install --quiet
.venv/installed: pyproject.toml locks/run.txt | .venv/bin/python
	$(INSTALL) --require-hashes -r locks/run.txt
	$(INSTALL) --no-deps --editable .
	@touch $@

.venv/installed-dev: pyproject.toml locks/dev.txt | .venv/bin/python
	$(INSTALL) --require-hashes -r locks/dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/installed

.venv/installed-bench: locks/bench.txt .venv/installed
	$(INSTALL) --require-hashes -r locks/bench.txt
	@touch $@

.venv/installed-trust: locks/trust.txt .venv/installed-dev
	$(INSTALL) --require-hashes -r locks/trust.txt
	@touch $@

.venv/bin/python: | system-venv
	@if [ -z "$(PYTHON)" ]; then \
		echo "errlog needs Python 3.11 or newer, and finds $$(python3 --version 2>&1)." >&2; \
		echo "Name another one: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; fi
	$(PYTHON) -m venv .venv

# Debian packages: installed where we are root, else told loudly; nothing else depends on them.
.PHONY: system-venv system-test system-bench
system-venv:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(call install,python3-venv)

system-test:
	@$(call install,$(TEST_PACKAGES))

system-bench:
	@$(call install,$(BENCH_PACKAGES))

define install
missing=; for package in $(1); do \
	dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q '^install ok installed' \
		|| missing="$$missing $$package"; done; \
if [ -z "$$missing" ]; then :; \
elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "installing$$missing"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends $$missing >/dev/null \
		|| echo "!!! COULD NOT INSTALL$$missing: what needs them is skipped" >&2; \
else \
	echo "!!! MISSING$$missing: what needs them is skipped; install them as root" >&2; \
fi
endef
