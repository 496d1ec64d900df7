# The commands of this project. `make` alone lists them. ARGS="…" goes to the command behind a target.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test simulate simulate-short simulate-bugs crash-matrix soak soak-short upgrade-check release-check api-fuzz fuzz sdk-check check fmt lint doc deps openapi openapi-check bench bench-build bench-baseline bench-compare clean

ARGS ?=
SEED ?=
SEEDS ?= 1000
POINT ?=
ROWS ?= 1000000
BASELINE ?=
BASE ?=
PROFILE ?= dist

help: ## List the commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Run a whole campaign against a pretend phone network (ARGS="--keep --contacts 2000")
	cargo run --release --bin dialer -- demo $(ARGS)

test: ## Run every test, on a Redis and a Postgres of its own (ARGS="pause", ARGS="-p domain")
	scripts/test.sh $(ARGS)

simulate: ## Play the whole dialer through faults by chance (SEEDS=10000), or one run again line by line (SEED=123)
	cargo run --release -p ordeal -- $(if $(SEED),--seed $(SEED),--seeds $(SEEDS)) $(ARGS)

# With what the tests are built of, so that nothing is built for it alone.
simulate-short: ## Play a few hundred fresh seeds, for two and a half minutes
	cargo build --workspace --bins
	target/debug/ordeal --seeds 1000 --seconds 150 $(ARGS)

simulate-bugs: ## Plant known bugs one at a time and see that the runs find each (ARGS="settle-twice")
	scripts/simulate-bugs.sh $(ARGS)

crash-matrix: ## Kill a process at every step of the life of a call, and show how long each recovery took (POINT=begin)
	CRASH_POINT="$(POINT)" scripts/test.sh -p dialer --test whole crash_matrix -- --nocapture $(ARGS)

soak: ## Let campaigns live for two hours of their own time, faults on and off, and judge what stays flat (ARGS="--scale 20")
	scripts/test.sh --servers scripts/soak.sh $(ARGS)

soak-short: ## The same for half an hour of theirs, two minutes of ours, with what the tests are built of
	scripts/test.sh --servers scripts/soak.sh --short $(ARGS)

upgrade-check: ## Bring a database of ROWS=1000000 contacts up to date while the version before goes on calling them
	UPGRADE_ROWS="$(ROWS)" scripts/test.sh -p engine --test use_cases upgrade -- --nocapture $(ARGS)

release-check: ## Check that release builds hold nothing that tests alone need
	scripts/release-check.sh

api-fuzz: ## Ask the API what its description allows, and does not, on both stacks (ARGS="--seconds 600 --seed 7")
	scripts/test.sh --servers scripts/api-fuzz.sh $(ARGS)

fuzz: ## Feed the parsers of foreign input with whatever reaches another branch (ARGS="--seconds 600 queries")
	scripts/fuzz.sh $(ARGS)

sdk-check: ## Hold the dialer and its simulator to the vendors' own SDKs
	scripts/sdk-check.sh $(ARGS)

check: fmt lint doc deps openapi-check ## Check all that needs no server: format, lints, docs, dependencies, OpenAPI

fmt: ## Check the format
	cargo fmt --all --check

lint: ## Check the lints, of Rust and of the scripts
	cargo clippy --workspace --all-targets -- -D warnings
	@# Not among "all": no test of `make test`.
	cargo clippy --workspace --test soak -- -D warnings
	@# A bug that cannot be planted any more is not found either.
	for bug in ordeal/bugs/*.patch; do git apply --check "$$bug"; done
	@if command -v shellcheck >/dev/null; then \
	  set -x; shellcheck .ci/run scripts/*.sh; \
	else \
	  echo "shellcheck is not installed: the scripts are not checked"; \
	fi

doc: ## Check that the documentation of the code builds
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps

# Without advisories: their database is fetched over the network each time, and a check must not fail for want of it.
# `cargo deny check advisories` is worth a run before a release.
deps: ## Check dependencies: licences, bans, sources, and that each is used
	cargo deny --workspace check bans licenses sources
	cargo machete

openapi: ## Write openapi/openapi.json anew from the code
	scripts/openapi.sh write

openapi-check: ## Check that openapi/openapi.json is what the code says
	scripts/openapi.sh check

# With exactly the programs that are put on machines: the crate of the workloads asks for no feature that they do not have.
bench-build:
	cargo build --profile $(PROFILE) -p dialer -p workers -p simulator -p benches \
	  --bin dialer --bin dialer-worker --bin dialer-simulator --bin workloads

bench: bench-build ## Run the measured workloads (ARGS="W1 W2", ARGS="--stack embedded", ARGS="--smoke")
	scripts/test.sh --servers $${CARGO_TARGET_DIR:-target}/$(PROFILE)/workloads $(ARGS)

bench-baseline: bench-build ## Measure beside the dialer in the folder BASELINE=…, in turn (ARGS="W1", PAIRS=5)
	scripts/test.sh --servers scripts/bench-baseline.sh "$(BASELINE)" $(ARGS)

# A commit from before may know no other profile.
bench-compare: PROFILE := release
bench-compare: bench-build ## Measure beside the commit BASE=…, in turn (ARGS="W1", PAIRS=5)
	scripts/test.sh --servers scripts/bench-compare.sh "$(BASE)" $(ARGS)

clean: ## Remove everything that was built
	cargo clean
