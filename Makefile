PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-vllm proof train-demo supply format clean

demo: $(VENV)/.serving
	@$(BIN)/liveshop demo

test: $(VENV)/.testing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/liveshop models pull --only smollm2-135m-instruct-q4_1
	$(BIN)/pytest

# The chat tests through a real vLLM server, in an environment of its own.
test-vllm: $(VENV)/.testing
	$(BIN)/liveshop models pull --only smollm2-135m-instruct-q4_1
	PYTHON=$(abspath $(BIN)/python) tests/vllm/build.sh
	$(BIN)/pytest -m vllm tests/vllm

# What takes longer. DATA is a folder of public catalogues; the figures land in docs/figures.
proof: $(VENV)/.testing
	$(BIN)/liveshop models pull
	$(BIN)/liveshop bench service --with-engine --json > docs/figures/bench_service.json
	$(BIN)/liveshop bench engine --json > docs/figures/bench_engine.json
	for name in retail_demo_store litemall_zh ecom_bench; do \
	    $(BIN)/liveshop eval facts --data $(DATA) --catalog $$name --n 200 --json \
	        > docs/figures/eval_facts_$$name.json || exit 1; \
	done
	$(BIN)/pytest -m matrix tests/ui
	$(BIN)/liveshop bench panel --json > docs/figures/bench_panel.json
	$(BIN)/liveshop eval dialogue --samples build/dialogue.jsonl --json > docs/figures/eval_dialogue.json
	$(BIN)/liveshop eval safety --data $(DATA) --json > docs/figures/eval_safety.json
	$(BIN)/liveshop eval pages --pictures build/pages --json > docs/figures/eval_pages.json
	$(BIN)/liveshop eval console --to build/console --json > docs/figures/eval_console.json

# A tiny ranker from nothing, in minutes: P@1 before and after.
train-demo: $(VENV)/.testing
	$(BIN)/liveshop train demo --to build/ranker-demo

# What the service is made of: the lock with hashes, its bill and licences, its known faults.
supply: $(VENV)/.serving build/supply/.installed
	echo 'hatchling==1.27.*' | build/supply/bin/uv pip compile --quiet pyproject.toml - \
	    -c constraints.txt --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-annotate -o requirements.lock
	$(BIN)/liveshop sbom > build/sbom.json
	$(BIN)/liveshop sbom --licences > build/licences.md
	.ci/audit build/supply/bin/pip-audit

build/supply/.installed: Makefile
	$(PYTHON) -m venv build/supply
	build/supply/bin/pip install --disable-pip-version-check pip-audit==2.10.* uv==0.13.*
	@touch $@

format: $(VENV)/.testing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || python3 -m venv $(VENV)

$(VENV)/.serving: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --disable-pip-version-check --no-compile -c constraints.txt -e .
	@touch $@

$(VENV)/.testing: pyproject.toml constraints.txt Makefile | $(VENV)/bin/python
	$(BIN)/pip install --disable-pip-version-check --no-compile -c constraints.txt -e ".[dev,models,traces,train,statistics,bilibili]"
	@touch $@ $(VENV)/.serving

clean:
	rm -rf $(VENV) .venv-vllm build dist
