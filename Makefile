# Thin wrappers: meson builds, tools/ does the rest. Nothing needs to be done before any of them.
BUILD ?= build
SECONDS ?= 60

help: ## this list
	@sed -n 's/^\([a-z0-9 -]*\):.*## /\1	/p' Makefile | expand -t 16

setup: ## install what is missing (Debian packages, node_modules)
	@tools/setup

build: setup ## build/convoke
	@tools/build $(BUILD)

demo: build ## a whole ceremony, from nothing to a verified result
	@BUILD=$(BUILD) tests/demo/run

demo-groth16: build ## powers of tau and a circuit's key, from nothing, verified: seconds
	@CONVOKE=$(BUILD)/convoke examples/groth16/run

demo-market: build ## provers, batches, proofs, auctions: a whole experiment (OUT=DIR keeps the reports)
	@BUILD=$(BUILD) OUT=$(OUT) tests/demo/market

test: build ## every test
	@tools/setup --test
	@tools/run-tests $(BUILD)

test-fast: build ## the tests that take seconds
	@tools/run-tests $(BUILD) --suite unit --suite house --suite fuzz --no-suite slow

sim: build ## simulated ceremonies for SECONDS (0: no end), and what fails in them
	@BUILD=$(BUILD) tests/sim/run compare
	@BUILD=$(BUILD) tests/sim/run live --seconds "$(SECONDS)"

soak: build ## ten thousand sessions and restarts for an hour (SOAK_MINUTES=10: shorter)
	@BUILD_DIR=$(BUILD) tests/soak/soak.py

e2e: build ## the tests against real processes
	@tools/setup --test
	@tools/run-tests $(BUILD) --suite e2e

check: setup ## format, style, layers, clang-tidy, warnings, sanitizers
	@tools/check

fmt: ## format the sources, refresh the layer table
	@tools/setup --check
	@tools/check-style --fix
	@tools/check-layers --write

tidy san tsan: setup ## one part of check
	@tools/check $@

fuzz: ## fuzz every target or TARGET=name, SECONDS=60 each
	@tools/fuzz "$(SECONDS)" $(TARGET)

bench: build ## figures on this machine
	@$(BUILD)/convoke bench

clean: ## remove every build directory
	@rm -rf build build-*

.PHONY: help setup build demo demo-groth16 demo-market test test-fast sim soak e2e check fmt tidy san tsan fuzz bench clean
