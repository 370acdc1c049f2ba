.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

# What every Lambda binary is built with: no RPC mode, no paths, no symbols.
# The quotes let sam build read the same flags from GOFLAGS.
LAMBDA_FLAGS := -tags=lambda.norpc -trimpath -buildvcs=false -ldflags=-s\ -w
GOARCH_LAMBDA ?= $(shell go env GOARCH)
FUNCTIONS := $(notdir $(wildcard functions/*))
VENV := .venv
MINISTACK := $(VENV)/bin/ministack

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: need-go $(MINISTACK) ## serve everything on http://127.0.0.1:3000 (PORT overrides)
	@echo "building ..."
	@go build -o .local/bin/local ./shared/cmd/local
	@exec .local/bin/local serve

rebuild: need-go ## while `make run` runs: take a code change over with the next request
	@go build -o .local/bin/local ./shared/cmd/local

reset: ## forget the data of `make run`
	rm -rf .local/aws .local/demo.json .local/demo.json.kept

build: need-go ## the Lambda binaries, in .build/<function>/bootstrap
	@mkdir -p .build/all
	CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH_LAMBDA) go build $(LAMBDA_FLAGS) -o .build/all/ ./functions/...
	@for f in $(FUNCTIONS); do mkdir -p .build/$$f; ln -f .build/all/$$f .build/$$f/bootstrap; done

test: need-go $(MINISTACK) ## unit, contract and end to end, on MiniStack
	MINISTACK=$(CURDIR)/$(MINISTACK) go test ./...

.PHONY: help run rebuild reset build test need-go need-python

need-go:
	@command -v go >/dev/null || { echo "Go 1.26 or newer is needed: see https://go.dev/dl"; exit 1; }

need-python:
	@command -v python3 >/dev/null || { echo "Python 3.10 or newer is needed, with its venv module"; exit 1; }

$(MINISTACK): shared/local/requirements.txt | need-python
	@echo "installing MiniStack, the local AWS, into $(VENV) ..."
	@python3 -m venv $(VENV) || { echo "python3 -m venv failed: Debian and Ubuntu want the package python3-venv"; exit 1; }
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
