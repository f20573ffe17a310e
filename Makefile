# make lab    JupyterLab on the tour notebook, over the simulated demo archive
# make test   every test, the browser's included
# make test-lowest  the quick tests, and one in Chromium, with the lowest versions that pyproject.toml declares
# make test-python  the quick tests on the other versions of Python that are there; VERSIONS=3.13 for one of them
# make test-package the package built, checked, installed and tried as users do
# make test-dachs   the client against DaCHS, a TAP service of others, and the embedded one over the same tables
# make test-scale   the extra `scale`, beyond one machine
# make test-soak    the four journeys for five minutes under random faults
# make soak   the four journeys for two hours under random faults; MINUTES=5 for less
# make trust  the fault matrix, and 10,000 damaged inputs to every parser; writes docs/reliability.md
# make bench  the benchmark table
# make pictures  the README's pictures anew, from the real thing, light and dark
# make gallery  the examples of docs/gallery anew: sessions, pictures and the page
# make check  the quick checks alone: formatting, lint, types, layers, docstrings, the front end's unit tests

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python
TOUR := cscwidgets/tours/01_hardness_variability.ipynb
LAB_FLAGS ?=
PYTEST_FLAGS ?=
MINUTES ?= 120
VERSIONS ?= 3.12 3.13
# A page may stop handling its kernel's messages: it is tried once more, and test-results has what it waited for.
RERUNS := --reruns 1 --only-rerun "the kernel did not answer within"
# What other environments run: a case of each test of what the libraries do, and the examples of all public functions;
# not what takes long, nor what is done to files and connections. What computes and draws depends on the libraries'
# versions, of which another Python has the same: the lowest ones are tried with that as well.
QUICK := -q --one-each -m "not slow and not long" cscwidgets $(addprefix tests/,csc export service sky)
ROOT_FLAG := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)
JS := package.json package-lock.json tsconfig.json $(shell find js schema -name tests -prune -o -type f -print)
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Where compiled files are not kept, each of the tests' hundred kernels compiles the package anew: half a second each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: lab test test-lowest test-python test-package test-dachs test-soak test-scale trust soak bench pictures gallery check setup clean

lab: setup
	$(BIN)/jupyter lab $(ROOT_FLAG) --ServerApp.root_dir=$(CURDIR) $(LAB_FLAGS) $(TOUR)

# Where a process of the tests dies the others end too: xdist may wait for it for ever.
test: setup .venv/.tools check
	$(BIN)/python -m pytest -n 3 --max-worker-restart=0 --no-loadscope-reorder $(RERUNS) $(PYTEST_FLAGS)

# With 3.12, since 3.11 has the newest versions in `make test`. Warnings of old versions are nobody's to mend.
test-lowest: setup .venv/.tools
	tools/other_environment.sh .venv-lowest "3.12 3.11" lowest-direct
	HYPOTHESIS_PROFILE=brief .venv-lowest/bin/python -m pytest -n 3 --max-worker-restart=0 -W default $(RERUNS) $(QUICK) \
		tests/science tests/views tests/browser/test_lab_extension.py

# What 3.13 finds while it collects rubbish belongs to an earlier test than the one that would fail: it is listed.
test-python: setup
	for version in $(VERSIONS); do \
		tools/other_environment.sh .venv-$$version $$version highest || exit 1; \
		[ ! -d .venv-$$version ] || HYPOTHESIS_PROFILE=brief .venv-$$version/bin/python -m pytest -n 2 --max-worker-restart=0 \
			-W default::pytest.PytestUnraisableExceptionWarning $(QUICK) || exit 1; \
	done

test-package: setup
	tools/check_package.sh

# DaCHS and PostgreSQL run in a folder of their own while the tests do.
test-dachs: setup .venv/.dachs
	$(BIN)/python -m pytest -m dachs $(PYTEST_FLAGS) tests/dachs

# LSDB is a gigabyte: its tests have an environment of their own.
test-scale: setup
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-scale
	SKIP_JUPYTER_BUILDER=1 $(BIN)/uv pip install --quiet --python .venv-scale/bin/python --editable ".[scale,test]"
	.venv-scale/bin/python -m pytest $(PYTEST_FLAGS) tests/science/test_crossmatch_hats.py

test-soak: setup
	$(BIN)/python -m pytest -q -m long tests/soak

soak: setup
	$(BIN)/python -m tests.soak --minutes $(MINUTES)
	$(BIN)/python -m tests.soak.idle

# TRUST_SEED and TRUST_COUNT choose other inputs than new ones, and other than 10,000 a parser.
trust: setup
	$(BIN)/python -W ignore -m tests.trust

bench: setup .venv/.tools
	$(BIN)/python -m benchmarks

pictures: setup .venv/.tools
	$(BIN)/python tools/take_pictures.py

gallery: setup
	$(BIN)/python tools/make_gallery.py

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/import_levels.py
	$(BIN)/python tools/check_docstrings.py
	npm run --silent check && npm test --silent

setup: .venv/.ready

.venv/.venv-made: tools/system_packages.sh
	tools/system_packages.sh build
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet uv "jupyter-builder>=1.2"
	touch $@

.venv/.tools: tools/system_packages.sh | .venv/.venv-made
	tools/system_packages.sh test
	touch $@

.venv/.dachs: tools/system_packages.sh | .venv/.venv-made
	tools/system_packages.sh dachs
	touch $@

# The front end is built before the package, which then takes it in as it is.
cscwidgets/labextension/package.json: $(JS) | .venv/.venv-made
	npm ci --no-audit --no-fund && npm run --silent build
	touch $@

.venv/.libraries: pyproject.toml | .venv/.venv-made
	$(INSTALL) --requirement pyproject.toml --extra sherpa --extra lab --extra test
	touch $@

.venv/.ready: .venv/.libraries cscwidgets/labextension/package.json
	# Through the link of an earlier set-up uv would write into the built extension.
	rm -rf .venv/share/jupyter/labextensions/cscwidgets
	SKIP_JUPYTER_BUILDER=1 $(INSTALL) --no-deps --editable .
	# A link in place of the installed copy: the next build of the front end is seen at once.
	rm -rf .venv/share/jupyter/labextensions/cscwidgets
	mkdir -p .venv/share/jupyter/labextensions
	ln -s $(CURDIR)/cscwidgets/labextension .venv/share/jupyter/labextensions/cscwidgets
	touch $@

clean:
	rm -rf .venv .venv-* node_modules lib cscwidgets/static cscwidgets/labextension .peers test-results
