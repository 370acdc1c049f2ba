#!/usr/bin/env bash
# Announces a command, runs it, and prints a line every 15 seconds while the
# command still runs:
#   tests/report/patient.sh "installing the tools" npm ci
set -euo pipefail
echo "$1 ..."
what=${1%% (*} began=$SECONDS # without the text in brackets
shift
"$@" &
command=$!
trap 'kill "$command" 2>/dev/null || true' INT TERM
while kill -0 "$command" 2>/dev/null; do
  next=$((SECONDS + 15))
  while ((SECONDS < next)); do
    kill -0 "$command" 2>/dev/null || break 2
    sleep 0.1
  done
  echo "  still $what: $((SECONDS - began)) s"
done
wait "$command"
