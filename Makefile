# A thin front door; the work is in scripts/, tests/run and meson.build. `make help` lists the targets.
SHELL := /bin/sh
export PATH := $(CURDIR)/.node/bin:$(PATH)
BUILD := build
JOBS ?= $(shell nproc)

.DEFAULT_GOAL := build
.PHONY: help bootstrap web build build-asan build-tsan build-clang dev run stop demo-incident test test-bare test-matrix check bench fuzz soak format clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

bootstrap:
	@scripts/bootstrap

web: bootstrap
	@scripts/web build

build: web ## build/sqlopt, optimised, and the test tools
	@scripts/configure $(BUILD)
	@ninja -C $(BUILD) -j $(JOBS)

build-asan: web ## the same under AddressSanitizer and UBSan
	@scripts/configure build-asan --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C build-asan -j $(JOBS)

build-tsan: web ## the same under ThreadSanitizer
	@scripts/configure build-tsan --buildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false
	@ninja -C build-tsan -j $(JOBS)

build-clang: web ## the same with clang
	@CC=clang scripts/configure build-clang --buildtype=debugoptimized
	@ninja -C build-clang -j $(JOBS)

dev: build ## server and page, both reloaded when a source changes (Ctrl-C ends it)
	@scripts/dev

run: build ## start the demo database and the server, look at a few queries, print the URL
	@scripts/run

stop: ## stop what `make run` started
	@scripts/run stop

demo-incident: ## drop an index of the demo under load and wait for the finding (UNDO=1 builds it again); needs `make run`
	@scripts/demo_incident.py $(if $(UNDO),undo)

test: build ## every test; the last line is the sum (SUITES="unit web" for some)
	@tests/run --build $(BUILD) $(SUITES)

test-bare: ## make run and make test in a fresh Debian 12 tree with only git and make
	@scripts/test-bare

test-matrix: build ## the driver tests against MySQL 9.7, MariaDB 11.8, PostgreSQL 17 and 18, and a newer SQLite
	@scripts/test-matrix

check: bootstrap ## compilers, sanitizers, fuzzers, layers, format, complexity, page (CHECKS="layers format" for some)
	@scripts/check $(CHECKS)

bench: build ## benchmarks (NAME=demo for one, SEED=7 for other data)
	@scripts/bench "$(NAME)"

fuzz: bootstrap ## fuzz one parser (NAME=fuzz_sql SECONDS=60), or each for a while
	@scripts/fuzz "$(NAME)" "$(or $(SECONDS),60)"

soak: build ## run the server under load for a while and watch memory (MINUTES=10); kill -9 at 200 points of polls, judging and alerts
	@KILL_ROUNDS=200 $(BUILD)/tests/unit/test_monitor_poll
	@KILL_ROUNDS=200 $(BUILD)/tests/unit/test_kill
	@tests/soak/incident.py
	@scripts/soak "$(or $(MINUTES),10)"

format: ## lay out the C sources as .clang-format says
	@git ls-files -co --exclude-standard 'src/*.[ch]' 'tests/*.[ch]' 'bench/*.[ch]' | grep -v '^tests/data/' | xargs -r clang-format -i

clean: ## delete what was built; packages, demo data and .node/ stay
	rm -rf build build-gcc build-asan build-tsan build-clang build-fuzz web/dist web/node_modules .cache
