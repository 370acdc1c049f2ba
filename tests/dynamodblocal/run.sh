#!/usr/bin/env bash
# Runs the tests of the store, the turn engine, the ledger and the races on Amazon's
# DynamoDB Local. Arguments are passed to `go test`; PACKAGES replaces the packages.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in java mvn go; do
  command -v "$tool" >/dev/null || { echo "this tier needs $tool (Debian: default-jre-headless, maven, golang)"; exit 1; }
done

jars=.local/dynamodb-local
if [ ! -e "$jars/complete" ]; then
  echo "fetching DynamoDB Local ..."
  mvn -q -B -f tests/dynamodblocal/pom.xml dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$PWD/$jars"
  touch "$jars/complete"
fi

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$(mktemp)
java -Djava.library.path="$jars" -cp "$jars/*" software.amazon.dynamodb.services.local.main.ServerRunner \
  -inMemory -sharedDb -disableTelemetry -port "$port" >"$log" 2>&1 &
engine=$!
trap 'kill "$engine" 2>/dev/null || true; wait "$engine" 2>/dev/null || true; rm -f "$log"' EXIT

for _ in $(seq 100); do
  curl -s -o /dev/null "http://127.0.0.1:$port" && break
  kill -0 "$engine" 2>/dev/null || { echo "DynamoDB Local did not start:"; cat "$log"; exit 1; }
  sleep 0.2
done

echo "DynamoDB Local listens on port $port"
if [ -z "${PACKAGES-}" ]; then
  # These take minutes on DynamoDB Local, and test nothing in which engines differ. The last one
  # needs a queue, which DynamoDB Local lacks.
  set -- -skip '^Test(Callback_DiesAnywhere|ConnectionDisabled_DiesAnywhere|CreditEvents_DiesAnywhere|Events_DiesAnywhere|RunEnded_DiesAnywhere|Triggers_DiesAnywhere|Delivery_FailingReceiver|CreditEvents_RandomChangesOfParts|Turn_FrozenAtEachCall|RateLimit_Overload|Automations_StartedByFunctions)$' "$@"
fi
read -ra packages <<<"${PACKAGES:-./shared/dynamo/ ./shared/turn/ ./tests/ledger/ ./tests/faults/}"
DYNAMODB_ENDPOINT="http://127.0.0.1:$port" go run ./tests/report -count=1 -timeout 20m "${packages[@]}" "$@"
