#!/usr/bin/env bash
# `make test-peers`: the programs of the vendors' pages, and every stream reader on
# every stream, cut at every byte. Options are those of go test, such as
# -run TestPeers/pages/flapjack.
set -euo pipefail
cd "$(dirname "$0")/../.."
EVERY_BYTE=1 go run ./tests/report -count=1 "$@" ./tests/peers
