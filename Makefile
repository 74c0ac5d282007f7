# What a developer does, by name. `make` alone lists it: the help is made from the comments after ##.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One place says which tools, at which version: tools.mod. go fetches and builds them when first used.
TOOL := go tool -modfile=$(CURDIR)/tools.mod
# The linter remembers files by content: a cache shared by two clones would speak of the other one's paths.
export GOLANGCI_LINT_CACHE := $(CURDIR)/dist/lint
DATA ?= data
# The test laboratories of the stores are a module: what they need stays out of ours.
LABS := adapters/storetest/labs
BENCH ?= .
COUNT ?= 6
# Figures of an earlier run on the same class of machine, with which make bench compares.
RECORDED = docs/benchmarks/$(shell go env GOOS)-$(shell go env GOARCH)-$(shell getconf _NPROCESSORS_ONLN)-cores.txt
# Flags for make peers: -short takes one quick measurement, as CI does.
PEERS ?=
# Packages whose tests write golden files, and so know the flag -golden.
GOLDEN = $(shell grep -rlE 'domaintest"|flag.Bool."golden"' --include='*_test.go' ./domain ./docs ./cmd | \
	xargs -n1 dirname | sort -u)

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

# The staff app. What builds it and what tests it are installed apart: most people only build it. -nt matters: a changed
# lock must be installed again.
UI := adapters/web/ui
UI_SRC := $(UI)/index.html $(UI)/vite.config.ts $(UI)/svelte.config.js \
	$(shell find $(UI)/src $(UI)/public -type f ! -name '*.test.ts')

$(UI)/node_modules/.run: $(UI)/package-lock.json
	cd $(UI) && { [ node_modules/.test -nt package-lock.json ] || npm ci --ignore-scripts --omit=dev --no-audit --no-fund; }
	touch $@

$(UI)/node_modules/.test: $(UI)/package-lock.json
	cd $(UI) && npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/.run node_modules/.test

$(UI)/dist/index.html: $(UI_SRC) | $(UI)/node_modules/.run
	cd $(UI) && npm run --silent build && touch dist/index.html

.PHONY: ui
ui: $(UI)/dist/index.html ## build the staff app into the program's files (needs Node 20)

.PHONY: uitools
uitools: $(UI)/node_modules/.test ## install what checks and tests the staff app

.PHONY: screens
screens: ui uitools ## take screenshots of every screen into adapters/web/ui/screenshots (needs Chromium)
	cd $(UI) && npm run --silent browser

.PHONY: demo
demo: ## start seeded accounts with simulated providers, and print where they are
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory ui; \
	else echo "Node is missing, so the staff page is left out: install Node 20 and run make demo again"; fi
	go run ./cmd/clickbook serve --demo

.PHONY: run
run: ## serve the data directory DATA (default ./data)
	go run ./cmd/clickbook serve --data $(DATA)

.PHONY: build
build: ## build the binary into bin/
	go build -trimpath -o bin/ ./cmd/clickbook

.PHONY: test
test: ## run every test; what needs PostgreSQL, Kannel, Exim or Chromium uses those that are here, or is skipped
	$(TOOL) gotestsum --format pkgname --format-hide-empty-pkg -- -timeout 20m ./...

.PHONY: check
check: format large lint generated checkui ## formatting, large files, lint and generated files: what a review should not have to say

.PHONY: checkui
checkui: uitools ## types of the staff app: svelte-check and TypeScript, and its client is that of docs/openapi.yaml
	cd $(UI) && npm run --silent generate && npm run --silent check
	git diff --exit-code -- $(UI)/src/api/schema.d.ts

.PHONY: format
format: ## show what golangci-lint (gofumpt, gci) would change
	@$(TOOL) golangci-lint fmt --diff ./...

.PHONY: large
large: ## refuse tracked files above 1 MB
	.ci/large-files.sh

.PHONY: lint
lint: ## go vet and the rules of .golangci.yml, each of them shown to fire
	go vet ./...
	$(TOOL) golangci-lint run --allow-serial-runners ./...
	cd $(LABS) && go vet ./... && $(TOOL) golangci-lint run --allow-serial-runners --config $(CURDIR)/.golangci.yml \
		./histories/... ./network/... ./internal/...
	.ci/lint-planted.sh

.PHONY: generate
generate: ## generate code from docs/openapi.yaml
	go generate ./...
	@if [ -d $(UI)/node_modules/openapi-typescript ]; then cd $(UI) && npm run --silent generate; fi

.PHONY: zones
zones: ## replace the embedded time zone table with the newest one of Debian
	.ci/zones.sh update

.PHONY: generated
generated: ## generate into a copy and compare
	.ci/generated.sh

.PHONY: golden
golden: ## rewrite golden files and docs/events.md; review the difference like a migration
	go test $(GOLDEN) -golden
	git status --short -- '*/testdata/*' docs/events.md

.PHONY: bench
bench: ## run the benchmarks matching BENCH, COUNT times, as a table with spreads, and print what got worse
	@mkdir -p dist
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) -timeout 60m ./... | tee dist/bench.txt
	@$(TOOL) benchstat dist/bench.txt
	@go run ./cmd/benchguard $(RECORDED) dist/bench.txt

.PHONY: profile
profile: ## profile the server while 32 clients book: processor, waiting, locks and allocations, into dist/profile
	@mkdir -p dist/profile
	CLICKBOOK_PROFILES=$(CURDIR)/dist/profile go test -run '^$$' -bench BookByHTTP -benchtime 10x -o dist/profile/server \
		./cmd/clickbook
	@for what in cpu block mutex allocs; do echo; echo "== $$what (go tool pprof -http : dist/profile/server dist/profile/$$what)"; \
		go tool pprof -top -cum -nodecount 25 dist/profile/server dist/profile/$$what 2>/dev/null | grep -v '^File\|^Build'; done

.PHONY: labs
labs: ## test the stores with random histories and network failures (CLICKBOOK_HISTORIES=300 for a long run)
	cd $(LABS) && go test -count 1 -p 1 -timeout 40m ./histories ./network

.PHONY: peers
peers: ## measure our event stores and other Go libraries, in about three minutes (PEERS=-short: check that it runs)
	cd $(LABS)/peers && go vet . && go test -count 1 -timeout 15m $(PEERS)
