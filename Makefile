.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

# What every Lambda binary is built with: no RPC mode, no paths, no symbols.
LAMBDA_FLAGS := -tags=lambda.norpc -trimpath -buildvcs=false -ldflags=-s\ -w
GOARCH_LAMBDA ?= $(shell go env GOARCH)
FUNCTIONS := $(notdir $(wildcard functions/*))
VENV := .venv
MINISTACK := $(VENV)/bin/ministack
TOOLS := .local/tools
RELEASED := shared/api/openapi/released.json
SDK := shared/sdk/typescript
SDK_DEPS := $(SDK)/node_modules/.package-lock.json
PEERS := tests/peers
PEERS_DEPS := $(PEERS)/node_modules/.package-lock.json .venv-peers/installed
PYTHON_FITS := import sys; assert sys.version_info >= (3, 10)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: need-go withdraw $(MINISTACK) ## serve everything on http://127.0.0.1:3000 (PORT overrides)
	@echo "building ..."
	@go build -o .local/bin/local ./shared/cmd/local
	@exec .local/bin/local serve

# A script that waits for demo.json must not find that of a run that was killed.
withdraw:
	@[ ! -e .local/demo.json ] || .local/bin/local withdraw 2>/dev/null || true

rebuild: need-go ## while `make run` runs: take a code change over with the next request
	@go build -o .local/bin/local ./shared/cmd/local
	@echo "built: the functions' next requests run it. What serves them, and template.yaml, want a new \`make run\`."

reset: need-go ## forget the data of `make run`, which must not be running
	@go run ./shared/cmd/local reset

redrive: need-go ## messages that no worker could handle: QUEUE=name lists them, MOVE=id or MOVE=all sends them back
	@go run ./shared/cmd/redrive $(or $(QUEUE),$(error QUEUE is not set: the stack has the outputs CallbacksQueue and DeliveriesQueue)) $(MOVE)

openapi: need-go $(SDK_DEPS) ## make the OpenAPI document of the surfaces' parts, shared/api/*/openapi.yaml
	go run ./shared/cmd/openapi
	@cd $(SDK) && npm run generate

build: need-go ## the Lambda binaries, in .build/<function>/bootstrap
	@mkdir -p .build/all
	CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH_LAMBDA) go build $(LAMBDA_FLAGS) -o .build/all/ ./functions/...
	@for f in $(FUNCTIONS); do mkdir -p .build/$$f; ln -f .build/all/$$f .build/$$f/bootstrap; done

sdk: $(SDK_DEPS) ## the TypeScript client, in shared/sdk/typescript/dist
	@cd $(SDK) && npm run build

test: need-go $(MINISTACK) $(PEERS_DEPS) $(SDK_DEPS) lint-openapi breaking ## unit, contract, end to end, the TypeScript client, the document's own cases; on MiniStack
	MINISTACK=$(CURDIR)/$(MINISTACK) go test -timeout 20m $(TESTFLAGS) ./...
	@cd $(SDK) && npm run types && npm run build && MINISTACK=$(CURDIR)/$(MINISTACK) npm run test:node
	SCHEMATHESIS='--phases examples,coverage' bash tests/schemathesis/run.sh

test-binaries: build $(MINISTACK) ## end to end again, on the built binaries
	MINISTACK=$(CURDIR)/$(MINISTACK) BINARIES=$(CURDIR)/.build go test -timeout 20m -count=1 $(TESTFLAGS) ./tests/streaming ./tests/script
	@# Of the faults, those that meet a process.
	MINISTACK=$(CURDIR)/$(MINISTACK) BINARIES=$(CURDIR)/.build go test -timeout 20m -count=1 $(TESTFLAGS) ./tests/faults -run 'Client|FrozenFunction|Killed|Racing|Concurrent'

test-dynamodb-local: need-go ## store, engine and races again, on Amazon's DynamoDB Local
	bash tests/dynamodblocal/run.sh $(TESTFLAGS)

test-schemathesis: need-go $(MINISTACK) ## whatever the OpenAPI document allows and forbids, sent to the local deployment
	bash tests/schemathesis/run.sh

test-sam: need-go $(MINISTACK) ## SAM CLI: validate, build, invoke, start-api (Docker)
	bash tests/sam/run.sh

test-sdk: need-go $(MINISTACK) $(SDK_DEPS) ## all of the TypeScript client: package and Chromium, too
	cd $(SDK) && npm run lint && npm run types && npm run build && npm run publint && npm run attw && npm run size
	cd $(SDK) && MINISTACK=$(CURDIR)/$(MINISTACK) npm run test:all

test-peers: need-go $(MINISTACK) $(SDK_DEPS) $(PEERS_DEPS) ## other people's programs, as the vendors' pages show them, and readers of streams
	@cd $(PEERS) && npm run --silent types
	MINISTACK=$(CURDIR)/$(MINISTACK) bash $(PEERS)/run.sh $(TESTFLAGS)

test-deploy: need-go $(MINISTACK) ## sam deploy of the whole template into MiniStack
	bash tests/deploy/run.sh

# How far the proofs about money and deliveries go at length.
SEEDS ?= 100# of the ledger's histories
TURNS ?= 1000# simulated with each
RACES ?= 50# checked for linearizability
USAGE ?= 10000# turns added up
TIMES ?= 200# that each fault comes
DELIVERIES ?= 10000# to a receiver that fails
test-ledger-long: need-go $(MINISTACK) ## proofs about money and deliveries at length: SEEDS=100 x TURNS=1000 simulated, each fault TIMES=200 times
	MINISTACK=$(CURDIR)/$(MINISTACK) go test -count=1 -timeout 6h $(TESTFLAGS) ./tests/ledger -seeds $(SEEDS) -turns $(TURNS) -races $(RACES) -usage $(USAGE)
	MINISTACK=$(CURDIR)/$(MINISTACK) go test -count=1 -timeout 2h $(TESTFLAGS) ./tests/faults -times $(TIMES) -deliveries $(DELIVERIES)

FUZZTIME ?= 20s
FUZZJOBS ?= 2
fuzz: need-go $(MINISTACK) ## every fuzz test for FUZZTIME, FUZZJOBS side by side
	MINISTACK=$(CURDIR)/$(MINISTACK) bash tests/fuzz/run.sh $(FUZZTIME) $(FUZZJOBS)

bench: build $(MINISTACK) ## start-up, added latency and store units, as ratios
	MINISTACK=$(CURDIR)/$(MINISTACK) go run ./tests/bench -binaries .build -flags '$(LAMBDA_FLAGS)' $(BENCHFLAGS)

lint: $(TOOLS)/golangci-lint ## golangci-lint
	$(TOOLS)/golangci-lint run ./...

lint-openapi: $(TOOLS)/redocly ## Redocly's rules for the OpenAPI document
	$(TOOLS)/redocly/node_modules/.bin/redocly lint --config shared/api/openapi/redocly.yaml shared/api/openapi/document.json

breaking: $(TOOLS)/oasdiff ## what would break clients of the last release, by its OpenAPI document
	@if [ -f $(RELEASED) ]; then $(TOOLS)/oasdiff breaking --fail-on ERR $(RELEASED) shared/api/openapi/document.json; \
	else echo "there is no release yet, so there is no $(RELEASED) to compare with"; fi

vuln: $(TOOLS)/govulncheck ## govulncheck; it needs the network, for its database
	$(TOOLS)/govulncheck ./...

.PHONY: help run withdraw rebuild reset redrive openapi build test sdk test-binaries test-dynamodb-local test-sdk test-peers test-schemathesis test-sam test-deploy test-ledger-long fuzz bench lint lint-openapi breaking vuln need-go need-python need-node

need-go:
	@command -v go >/dev/null || { echo "Go 1.26 or newer is needed: see https://go.dev/dl"; exit 1; }

need-python:
	@python3 -c '$(PYTHON_FITS)' 2>/dev/null || { \
	  echo "Python 3.10 or newer is needed, with its venv module; python3 is $$(python3 --version 2>&1 || true)"; exit 1; }

need-node:
	@node -e 'process.exit(+(+process.versions.node.split(".")[0] < 20))' && command -v npm >/dev/null || { echo "Node 20 or newer is needed, with npm"; exit 1; }

$(MINISTACK): shared/local/engine/requirements.txt | need-python
	@echo "installing MiniStack, the local AWS, into $(VENV) ..."
	@$(VENV)/bin/python3 -c '$(PYTHON_FITS); import pip' 2>/dev/null || python3 -m venv --clear $(VENV) || { echo "python3 -m venv failed: Debian and Ubuntu want the package python3-venv"; exit 1; }
	@$(VENV)/bin/python3 -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(SDK_DEPS): $(SDK)/package-lock.json $(SDK)/.npmrc | need-node
	@cd $(SDK) && npm ci --loglevel=error
	@touch $@

$(PEERS)/node_modules/.package-lock.json: $(PEERS)/package-lock.json $(PEERS)/.npmrc | need-node
	@cd $(PEERS) && npm ci --loglevel=error
	@touch $@

.venv-peers/installed: $(PEERS)/requirements.txt | need-python
	@python3 -m venv .venv-peers || { echo "python3 -m venv failed: Debian and Ubuntu want the package python3-venv"; exit 1; }
	@.venv-peers/bin/python3 -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(TOOLS)/golangci-lint: Makefile | need-go
	@echo "building golangci-lint, once; it takes some minutes ..."
	@GOBIN=$(CURDIR)/$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@touch $@

$(TOOLS)/govulncheck: Makefile | need-go
	@GOBIN=$(CURDIR)/$(TOOLS) go install golang.org/x/vuln/cmd/govulncheck@v1.9.0
	@touch $@

$(TOOLS)/oasdiff: Makefile | need-go
	@GOBIN=$(CURDIR)/$(TOOLS) go install github.com/oasdiff/oasdiff@v1.36.0
	@touch $@

$(TOOLS)/redocly: Makefile | need-node
	@npm install --silent --no-audit --no-fund --no-save --prefix $@ @redocly/cli@2.77.0
	@touch $@
