# What SAM CLI calls, at the project's root: `make build-FlapjackAgentList` with
# ARTIFACTS_DIR. The Makefile of each architecture includes it and sets GOARCH.
# SAM CLI empties ARTIFACTS_DIR, so binaries are kept in .build, where the go
# command leaves those alone that are up to date.
include $(dir $(lastword $(MAKEFILE_LIST)))lambda.mk

# With `sam build --parallel` one at a time: builds side by side from an empty
# cache would each compile all packages.
ALONE := $(shell command -v flock >/dev/null && echo flock .build/sam.lock)

build-%: function = $(shell echo $* | sed -E 's/([a-z0-9])([A-Z])/\1-\2/g' | tr A-Z a-z)
build-%:
	@command -v go >/dev/null || { echo "Go 1.26 or newer is needed: see https://go.dev/dl" >&2; exit 1; }
	@mkdir -p .build/sam/$(GOARCH)
	@CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH) $(ALONE) go build $(LAMBDA_FLAGS) -o .build/sam/$(GOARCH)/$(function) ./functions/$(function)
	@cp .build/sam/$(GOARCH)/$(function) $(ARTIFACTS_DIR)/bootstrap
