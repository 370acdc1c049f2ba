# Called by SAM CLI, at the project's root, with ARTIFACTS_DIR: for example `make
# build-FlapjackAgentList`. The Makefile of each architecture includes it and sets
# GOARCH. SAM CLI empties ARTIFACTS_DIR, so binaries are kept in .build, where the go
# command skips those that are up to date.
include $(dir $(lastword $(MAKEFILE_LIST)))lambda.mk

# `sam build --parallel` builds one function at a time: parallel builds from an empty
# cache would each compile all packages.
ALONE := $(shell command -v flock >/dev/null && echo flock .build/sam.lock)

build-%: function = $(shell echo $* | sed -E 's/([a-z0-9])([A-Z])/\1-\2/g' | tr A-Z a-z)
build-%:
	@command -v go >/dev/null || { echo "Go 1.26 or newer is needed: see https://go.dev/dl" >&2; exit 1; }
	@mkdir -p .build/sam/$(GOARCH)
	@CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH) $(ALONE) go build $(LAMBDA_FLAGS) -o .build/sam/$(GOARCH)/$(function) ./functions/$(function)
	@cp .build/sam/$(GOARCH)/$(function) $(ARTIFACTS_DIR)/bootstrap
