# Kompas. `make help` lists what there is; README.md begins with `make run`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BOT := .venv/bot/bin/python
WEB := .venv/web/bin/python
ENCODER := .venv/encoder/bin/python
ENV := . scripts/env.sh &&

.PHONY: help setup run train test test-model test-plain test-bot test-system test-checklist test-lang test-desk test-faults check lint format strings words review-report withdraw put-back add-language evaluate evaluate-answers evaluate-emergency evaluate-dialogues bench bench-desk bench-workers soak lock debian clean fuzz audit encoder backup restore

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: .venv/bot/.ready .venv/web/.ready ## make the two Python environments

# Hash-pinned and complete, so pip has nothing to resolve. --no-deps keeps it so.
.venv/bot/.ready: requirements/bot.txt scripts/find_python.sh
	@echo "Setting up .venv/bot (Rasa, TensorFlow, encoders: some 190 packages, takes minutes)."
	python=$$(scripts/find_python.sh 3.10) && "$$python" -m venv --clear .venv/bot
	$(BOT) -m pip install --disable-pip-version-check --progress-bar on --no-deps --require-hashes -r requirements/bot.txt
	@touch $@

.venv/web/.ready: requirements/web.txt scripts/find_python.sh
	@echo "Setting up .venv/web (visitor site, supervisor, tools)."
	python=$$(scripts/find_python.sh 3.11+) && "$$python" -m venv --clear .venv/web
	$(WEB) -m pip install --disable-pip-version-check --progress-bar on --no-deps --require-hashes -r requirements/web.txt
	@touch $@

run: setup ## set up, train if needed, start everything, print the address
	@$(ENV) $(WEB) -m web.preflight
	@$(ENV) $(WEB) -m bot.check --start
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) exec .venv/web/bin/supervisord -n -c supervisord.conf

train: setup ## train the model anew
	@$(ENV) $(WEB) -m bot.check
	@$(ENV) $(BOT) -m bot.model --force

test: setup debian ## run the whole test suite, browser tests included
	@$(ENV) $(WEB) -m bot.check
	@# two cores: what needs no model runs while it is trained
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-model test-plain
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-system test-bot test-checklist

# The parts of `make test`; each prints when it ends.
test-model: setup ## part of make test: train the model when it is not of today's data
	@$(ENV) $(BOT) -m bot.model

test-plain: lint .venv/deploy/.ready ## part of make test: what needs no model, lint first
	@$(ENV) $(WEB) -m pytest -q tests/web tests/project tests/words tests/desk

.venv/deploy/.ready: requirements/deploy.txt .venv/web/.ready
	$(WEB) -m venv --clear .venv/deploy
	.venv/deploy/bin/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r requirements/deploy.txt
	@touch $@

test-bot: setup debian ## part of make test: understanding, rules, answers
	@$(ENV) $(BOT) -m pytest -q tests/bot

test-system: setup debian ## part of make test: all processes and a browser
	@$(ENV) $(WEB) -m pytest -q tests/widget tests/system --ignore-glob='*/test_checklist_*'

test-checklist: setup debian ## part of make test: the checklist on all processes
	@$(ENV) $(WEB) -m pytest -q tests/system/test_checklist_*.py

test-lang: setup ## the language tests of one language: make test-lang L=pl
	@$(ENV) $(BOT) -m pytest -q tests/bot -k "$(L)"

test-faults: setup ## every fault at every moment: make test-faults ROUNDS=20
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) ROUNDS="$(or $(ROUNDS),1)" $(WEB) -m pytest -q -s tests/system/test_fault_matrix.py tests/system/test_supervisor.py

test-desk: setup debian ## the tests of the desk, on SQLite and PostgreSQL
	@$(ENV) $(WEB) -m pytest -q tests/desk

check: test ## the same as make test: what CI runs

lint: setup ## linters and type checks
	@$(WEB) -m ruff check .
	@$(WEB) -m ruff format --check .
	@$(BOT) -m mypy bot actions
	@$(WEB) -m mypy web desk words
	@if command -v tsc >/dev/null; then tsc -p web/widget/jsconfig.json; \
	else echo "The types of web/widget are not checked: tsc is missing (make debian)."; fi

format: setup ## let ruff put the code in order
	@$(WEB) -m ruff check --fix .
	@$(WEB) -m ruff format .

add-language: setup ## write the files of a new language to fill: make add-language LANG=fr NAME=Français
	@$(ENV) $(WEB) -m bot.add_language "$(LANG)" --name "$(NAME)"

strings: setup ## find the texts, update, check and compile the catalogues; fails on gaps and faults
	@$(ENV) $(WEB) -m words.strings

words: setup ## what the checker says of the texts, with advice: make words L=pl
	@$(ENV) $(WEB) -m words $(L)

review-report: setup ## all texts of each language in HTML and PDF, for sign-off: make review-report L=tr
	@$(ENV) $(WEB) -m words.report $(L)

backup: setup ## make a backup while everything runs: make backup TO=folder
	@test -n "$(TO)" || { echo "Give a folder on another disk: make backup TO=/mnt/backup/kompas" >&2; exit 1; }
	@$(ENV) $(WEB) -m desk backup "$(TO)"

restore: setup ## bring a backup back: make restore FROM=folder [REPLACE=yes] [ERASED=file]
	@test -n "$(FROM)" || { echo "Give the folder that make backup named: make restore FROM=folder" >&2; exit 1; }
	@$(ENV) $(WEB) -m desk restore "$(FROM)" $(if $(REPLACE),--replace) $(if $(ERASED),--erased "$(ERASED)")

# Without setup: what must be taken back at once does not wait for packages.
withdraw: ## take a text back at once: make withdraw KEY=utter_hague_costs REASON="…"
	@$(ENV) $(WEB) -m bot.withdraw "$$KEY" $(if $(L),--language "$(L)") --reason "$$REASON"

put-back: ## let a withdrawn text be said again: make put-back KEY=utter_hague_costs
	@$(ENV) $(WEB) -m bot.withdraw --restore "$$KEY" $(if $(L),--language "$(L)")

evaluate: setup ## score the understanding: make evaluate SET=path.csv OUT=path.json
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) $(BOT) -m bot.evaluate --set "$(or $(SET),tests/nlu)" --out "$(or $(OUT),build/evaluation.json)"

evaluate-answers: setup ## score the understanding of typed answers to the checklist
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) $(BOT) -m bot.evaluate_answers --out build/answers.json

evaluate-emergency: setup ## score what is seen of emergencies and hard requests
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) $(BOT) -m bot.evaluate_lanes

evaluate-dialogues: setup ## score messages that lean on those before them
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) $(BOT) -m bot.evaluate_dialogues --set "$(or $(SET),tests/dialogues)" $(if $(FAULTS),--faults)

bench: setup ## the performance report, beside stock Rasa: make bench BENCH_HOURS=1
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) BENCH_HOURS="$(BENCH_HOURS)" $(WEB) -m bench

soak: setup ## 200 conversations at once for ten minutes, a Rasa worker killed: make soak MINUTES=10
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) $(WEB) -m bench.soak --minutes "$(or $(MINUTES),10)"

.venv/fuzz/.ready: requirements/fuzz.txt .venv/web/.ready
	$(WEB) -m pip install --disable-pip-version-check --upgrade --no-deps --require-hashes --only-binary :all: --target .venv/fuzz -r requirements/fuzz.txt
	@touch $@

fuzz: .venv/fuzz/.ready ## look for inputs that break a promise: make fuzz T=extractors S=300
	@$(ENV) PYTHONPATH=.venv/fuzz:. $(WEB) -m fuzz $(or $(T),extractors) $(or $(S),300)

.venv/audit/.ready: requirements/audit.txt .venv/web/.ready
	$(WEB) -m venv --clear .venv/audit
	.venv/audit/bin/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r requirements/audit.txt
	@touch $@

audit: .venv/audit/.ready ## look up known advisories of both lock files, where the data can be reached
	@$(WEB) scripts/audit.py

.venv/encoder/.ready: requirements/encoder.txt scripts/find_python.sh
	python=$$(scripts/find_python.sh 3.11) && "$$python" -m venv --clear .venv/encoder
	$(ENCODER) -m pip install --disable-pip-version-check --progress-bar on --no-deps --require-hashes -r requirements/encoder.txt
	@touch $@

encoder: .venv/encoder/.ready ## adapt the sentence encoder further and export it (an hour on two cores); START=frozen begins anew
	@$(ENCODER) -m encoder rebuild
	@$(ENCODER) -m encoder train $(if $(START),--start $(START))
	@$(ENCODER) -m encoder export adapted
	@$(ENCODER) -m encoder measure --write

lock: ## pin the requirement files anew (needs uv)
	uv pip compile -q --python-version 3.10 --generate-hashes --no-annotate --no-header requirements/bot.in -o requirements/bot.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-annotate --no-header requirements/web.in -o requirements/web.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-annotate --no-header requirements/fuzz.in -o requirements/fuzz.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-annotate --no-header requirements/audit.in -o requirements/audit.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-annotate --no-header requirements/deploy.in -o requirements/deploy.txt

debian: ## install the Debian packages that the tests need
	@command -v chromium >/dev/null || scripts/debian.sh chromium
	@command -v tsc >/dev/null || scripts/debian.sh node-typescript
	@command -v systemd-analyze >/dev/null || scripts/debian.sh systemd
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || scripts/debian.sh postgresql
	@command -v promtool >/dev/null || test -x build/tools/promtool || scripts/promtool.sh

bench-desk: setup ## how fast the desk is with 50,000 cases, in SQLite and PostgreSQL
	@$(ENV) $(WEB) -m bench.desk

bench-workers: setup debian ## what a turn costs with one and two Rasa servers
	@$(ENV) $(BOT) -m bot.model
	@$(ENV) $(WEB) -m bench.workers

clean: ## remove models, databases and caches; the environments stay
	rm -rf models build var .pytest_cache .mypy_cache .ruff_cache
