.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

include shared/build/lambda.mk
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
	@if [ -e .local/bin/local ]; then what="building"; \
	else what="building for the first time (5 MB of modules from the Go proxy unless they are cached; about a minute and a half)"; fi; \
	$(PATIENT) "$$what" go build -o .local/bin/local ./shared/cmd/local
	@exec .local/bin/local serve

# A killed run leaves demo.json behind. A script that waits for the file must not
# find the old one.
withdraw:
	@[ ! -e .local/demo.json ] || .local/bin/local withdraw 2>/dev/null || true

rebuild: need-go ## while `make run` runs: apply a code change to the functions' next requests
	@go build -o .local/bin/local ./shared/cmd/local
	@echo "built: the functions' next requests run it. Changes of template.yaml and of the local servers need a restart of \`make run\`."

reset: need-go ## delete the data of `make run`, which must not be running
	@go run ./shared/cmd/local reset

redrive: need-go ## dead-lettered messages: QUEUE=name lists them, MOVE=id or MOVE=all sends them back
	@go run ./shared/cmd/redrive $(or $(QUEUE),$(error QUEUE is not set: the stack has the outputs CallbacksQueue, DeliveriesQueue, InboxMetaQueue, InboxTwilioQueue, InboxMailQueue and AutomationsQueue)) $(MOVE)

routes: need-go ## every route with its method, path and function
	@go run ./shared/cmd/route list

route: need-go ## add a new route: NAME=manage-delivery-get METHOD=GET ROUTE='/api/v1/...', LIKE=a similar function
	@go run ./shared/cmd/route new $(if $(LIKE),-like $(LIKE)) $(or $(NAME),$(error NAME is not set, for example NAME=manage-delivery-get)) $(or $(METHOD),$(error METHOD is not set, for example METHOD=GET)) '$(or $(ROUTE),$(error ROUTE is not set, for example ROUTE=/api/v1/things/{id}))'

functions: need-go ## write functions/*/main.go from shared/routes
	@go run ./shared/cmd/route generate

openapi: need-go $(SDK_DEPS) ## write the OpenAPI document from the surfaces' parts, shared/api/*/openapi.yaml
	go run ./shared/cmd/openapi
	@cd $(SDK) && npm run generate

build: need-go ## the Lambda binaries, in .build/<function>/bootstrap
	@mkdir -p .build/all
	CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH_LAMBDA) go build $(LAMBDA_FLAGS) -o .build/all/ ./functions/...
	@for f in $(FUNCTIONS); do mkdir -p .build/$$f; ln -f .build/all/$$f .build/$$f/bootstrap; done

sdk: $(SDK_DEPS) ## the TypeScript client, in shared/sdk/typescript/dist
	@$(PATIENT) "building the TypeScript client" npm run --silent --prefix $(SDK) build -- --log-level warn
	@echo "built: $(SDK)/dist. $(SDK)/README.md says how to install it."

examples: sdk ## the client, under the name that AgentFlow's page imports, and a runner for the TypeScript examples
	@cd shared/docs/examples && bash $(CURDIR)/tests/report/patient.sh "installing packages for the TypeScript examples" npm install --loglevel=error
	@echo "installed. While \`make run\` serves: cd shared/docs/examples && npx tsx flapjack.ts"

# Runs `go test` with the given arguments, and prints progress and the counts.
REPORT := MINISTACK=$(CURDIR)/$(MINISTACK) .local/bin/report
PATIENT := bash tests/report/patient.sh
# The slowest packages start first. Packages wait for engines and clocks as often
# as for a core, so one more runs at a time than this machine has cores.
SLOWEST := ./tests/faults ./tests/inbox ./tests/laws ./tests/ledger ./tests/contract ./tests/providers ./tests/script ./tests/money ./tests/hostile ./shared/dynamo ./tests/peers ./tests/sdk ./tests/streaming ./tests/run
BESIDE := $$(($$(getconf _NPROCESSORS_ONLN) + 1))
# Tests that need a minute of the real clock, or that measure and need the machine
# to themselves. They are the tier test-long.
LONG := /tests/(neighbours|overload)$$

test: need-go $(MINISTACK) $(PEERS_DEPS) $(SDK_DEPS) lint-openapi breaking reporter ## unit, contract, end to end, the TypeScript client; on MiniStack
	@echo "testing everything but the long tiers: at most 6 minutes on two idle cores, seconds if nothing has changed"
	@$(REPORT) -p $(BESIDE) -timeout 20m $(TESTFLAGS) $(SLOWEST) $$(go list ./... | grep -vE '$(LONG)')

test-fast: need-go reporter ## unit tests of shared/ that need no engine, in less than a minute
	@echo "running the tests that need no engine: less than a minute"
	@$(REPORT) $(TESTFLAGS) $$(go list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./shared/... | grep -vE 'dynamotest|cognitotest|tests/rig' | cut -d ' ' -f 1)

test-race: need-go $(MINISTACK) reporter ## the unit tests of shared/ with Go's race detector (gcc)
	@command -v gcc >/dev/null || { echo "the race detector needs gcc: apt-get install -y gcc libc6-dev"; exit 1; }
	@echo "testing shared/ with the race detector: a few minutes, more when the compiler's cache is cold"
	@CGO_ENABLED=1 $(REPORT) -race -timeout 20m $(TESTFLAGS) ./shared/...

test-long: need-go $(MINISTACK) reporter ## floods, overload and neighbours by the real clock, one package at a time
	@echo "testing by the real clock: about 3 minutes"
	@$(REPORT) -p 1 -count=1 -timeout 20m $(TESTFLAGS) $$(go list ./tests/... | grep -E '$(LONG)')

reporter:
	@mkdir -p .local/bin && go build -o .local/bin/report ./tests/report

test-binaries: build $(MINISTACK) reporter ## the end-to-end tests on the built binaries
	@BINARIES=$(CURDIR)/.build $(REPORT) -timeout 20m -count=1 $(TESTFLAGS) ./tests/streaming ./tests/script ./tests/whatsapp ./tests/channels ./tests/sms ./tests/mail
	@# Only the fault tests that run functions as processes.
	@BINARIES=$(CURDIR)/.build $(REPORT) -timeout 20m -count=1 $(TESTFLAGS) ./tests/faults -run 'TestTurn_Client|FrozenFunction|Killed|Racing|TestTurns_Concurrent'

test-dynamodb-local: need-go ## the tests of the store, turns and races on Amazon's DynamoDB Local
	bash tests/dynamodblocal/run.sh $(TESTFLAGS)

test-schemathesis: need-go $(MINISTACK) ## random requests, valid and invalid by the OpenAPI document, to the local deployment
	bash tests/schemathesis/run.sh

test-sam: need-go $(MINISTACK) ## SAM CLI: validate, build, invoke, start-api (Docker)
	bash tests/sam/run.sh

test-sdk: need-go $(MINISTACK) $(SDK_DEPS) ## the TypeScript client, in Node and Chromium, and its package
	cd $(SDK) && npm run lint && npm run types && npm run build && npm run publint && npm run attw && npm run size
	cd $(SDK) && MINISTACK=$(CURDIR)/$(MINISTACK) npm run test:all

test-peers: need-go $(MINISTACK) $(SDK_DEPS) $(PEERS_DEPS) ## programs as the vendors' pages show them, and stream readers of other authors
	@cd $(PEERS) && npm run --silent types
	MINISTACK=$(CURDIR)/$(MINISTACK) bash $(PEERS)/run.sh $(TESTFLAGS)

test-deploy: need-go $(MINISTACK) ## sam deploy of the whole template into MiniStack
	bash tests/deploy/run.sh

# The sizes of the long tests about money and deliveries.
SEEDS ?= 100# random histories of the ledger
TURNS ?= 1000# turns in each history
RACES ?= 50# histories checked for linearizability
USAGE ?= 10000# turns added up
TIMES ?= 200# repetitions of each fault
DELIVERIES ?= 10000# to a receiver that fails
CANCELS ?= 1000# of turns that settle at the same time
HISTORIES ?= 1000# of messages, faults and workers of the inbox
SEED ?= 0# of the first history; 0: a random one
SCRIPTS ?= 500# conversations over every surface, for each half of tests/laws
test-ledger-long: need-go $(MINISTACK) reporter ## the long tests of money and deliveries: SEEDS=100 x TURNS=1000 simulated, each fault TIMES=200 times
	@$(REPORT) -count=1 -timeout 6h $(TESTFLAGS) ./tests/ledger -seeds $(SEEDS) -turns $(TURNS) -races $(RACES) -usage $(USAGE)
	@$(REPORT) -count=1 -timeout 2h $(TESTFLAGS) ./tests/faults -times $(TIMES) -deliveries $(DELIVERIES)
	@$(REPORT) -count=1 -timeout 2h $(TESTFLAGS) ./tests/inbox -all -histories $(HISTORIES) -seed $(SEED)
	@$(REPORT) -count=1 -timeout 1h $(TESTFLAGS) ./tests/automations -all
	@$(REPORT) -count=1 -timeout 2h $(TESTFLAGS) ./tests/laws -rapid.checks $(SCRIPTS)
	@$(REPORT) -count=1 -timeout 1h $(TESTFLAGS) ./shared/turn -run TestCancel_RacesSettlement -races $(CANCELS)
	@$(REPORT) -count=1 -timeout 1h $(TESTFLAGS) ./tests/hostile -slow

FUZZTIME ?= 20s
FUZZJOBS ?= 2
fuzz: need-go $(MINISTACK) ## every fuzz test for FUZZTIME, FUZZJOBS in parallel
	MINISTACK=$(CURDIR)/$(MINISTACK) bash tests/fuzz/run.sh $(FUZZTIME) $(FUZZJOBS)

bench: build $(MINISTACK) ## start-up, added latency and store units, as ratios
	MINISTACK=$(CURDIR)/$(MINISTACK) go run ./tests/bench -binaries .build -flags '$(LAMBDA_FLAGS)' $(BENCHFLAGS)

lint: $(TOOLS)/golangci-lint ## golangci-lint
	$(TOOLS)/golangci-lint run ./...

lint-openapi: $(TOOLS)/redocly ## Redocly, on the OpenAPI document
	$(TOOLS)/redocly/node_modules/.bin/redocly lint --config shared/api/openapi/redocly.yaml shared/api/openapi/document.json

breaking: $(TOOLS)/oasdiff ## changes of the OpenAPI document that would break clients of the last release
	@if [ -f $(RELEASED) ]; then $(TOOLS)/oasdiff breaking --fail-on ERR $(RELEASED) shared/api/openapi/document.json; \
	else echo "there is no release yet, so no $(RELEASED) to compare with"; fi

vuln: $(TOOLS)/govulncheck ## govulncheck; it needs the network, for its database
	$(TOOLS)/govulncheck ./...

.PHONY: help routes route functions run withdraw rebuild reset redrive openapi build test test-fast test-race test-long reporter sdk examples test-binaries test-dynamodb-local test-sdk test-peers test-schemathesis test-sam test-deploy test-ledger-long fuzz bench lint lint-openapi breaking vuln need-go need-python need-node

need-go:
	@command -v go >/dev/null || { echo "Go 1.26 or newer is needed: see https://go.dev/dl"; exit 1; }

need-python:
	@command -v python3 >/dev/null || { echo "Python 3.10 or newer is needed, and there is no python3: apt-get install -y python3 python3-venv, or see https://www.python.org/downloads"; exit 1; }
	@python3 -c '$(PYTHON_FITS)' 2>/dev/null || { echo "Python 3.10 or newer is needed; python3 is $$(python3 --version 2>&1): see https://www.python.org/downloads"; exit 1; }

need-node:
	@command -v node >/dev/null || { echo "Node 20 or newer is needed, and there is no node: see https://nodejs.org/en/download"; exit 1; }
	@node -e 'process.exit(+(+process.versions.node.split(".")[0] < 20))' || { echo "Node 20 or newer is needed; node is $$(node --version): see https://nodejs.org/en/download"; exit 1; }
	@command -v npm >/dev/null || { echo "npm is needed, which comes with Node: apt-get install -y npm, or see https://nodejs.org/en/download"; exit 1; }

$(MINISTACK): shared/local/engine/requirements.txt | need-python
	@$(VENV)/bin/python3 -c '$(PYTHON_FITS); import pip' 2>/dev/null || $(PATIENT) "creating a Python environment in $(VENV)" python3 -m venv --clear $(VENV) || { echo "python3 -m venv failed: Debian and Ubuntu want the package python3-venv"; exit 1; }
	@$(PATIENT) "installing MiniStack, the local AWS, into $(VENV) (from the Python package index; 220 MB on disk, one to two minutes)" $(VENV)/bin/python3 -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(SDK_DEPS): $(SDK)/package-lock.json $(SDK)/.npmrc | need-node
	@cd $(SDK) && bash $(CURDIR)/tests/report/patient.sh "installing the TypeScript client's tools" npm ci --loglevel=error
	@touch $@

$(PEERS)/node_modules/.package-lock.json: $(PEERS)/package-lock.json $(PEERS)/.npmrc | need-node
	@cd $(PEERS) && bash $(CURDIR)/tests/report/patient.sh "installing programs for tests/peers" npm ci --loglevel=error
	@touch $@

.venv-peers/installed: $(PEERS)/requirements.txt | need-python
	@python3 -m venv .venv-peers || { echo "python3 -m venv failed: Debian and Ubuntu want the package python3-venv"; exit 1; }
	@$(PATIENT) "installing Python programs for tests/peers" .venv-peers/bin/python3 -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(TOOLS)/golangci-lint: Makefile | need-go
	@GOBIN=$(CURDIR)/$(TOOLS) $(PATIENT) "building golangci-lint, once; it takes some minutes" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@touch $@

$(TOOLS)/govulncheck: Makefile | need-go
	@GOBIN=$(CURDIR)/$(TOOLS) $(PATIENT) "building govulncheck" go install golang.org/x/vuln/cmd/govulncheck@v1.9.0
	@touch $@

$(TOOLS)/oasdiff: Makefile | need-go
	@GOBIN=$(CURDIR)/$(TOOLS) $(PATIENT) "building oasdiff" go install github.com/oasdiff/oasdiff@v1.36.0
	@touch $@

$(TOOLS)/redocly: Makefile | need-node
	@$(PATIENT) "installing Redocly" npm install --silent --no-audit --no-fund --no-save --prefix $@ @redocly/cli@2.77.0
	@touch $@
