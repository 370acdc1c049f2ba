#!/usr/bin/env bash
# `make test-peers`: the programs of the vendors' pages, and every reader on
# every stream, cut at every byte. Options are go test's, such as
# -run TestPeers/pages/flapjack.
set -uo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
EVERY_BYTE=1 go test -v -count=1 "$@" ./tests/peers 2>&1 | tee "$log" | grep -vE '^=== '
status=${PIPESTATUS[0]}
passed=$(grep -cE '^ *--- PASS' "$log")
failed=$(grep -cE '^ *--- FAIL' "$log")
echo "$passed passed, $((failed == 0 && status != 0 ? 1 : failed)) failed"
exit "$status"
