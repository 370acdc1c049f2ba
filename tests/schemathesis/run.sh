#!/usr/bin/env bash
# `make test-schemathesis`: requests that the document allows and forbids are sent to
# the local deployment; each answer must conform to the document. SCHEMATHESIS has
# further options, such as --max-examples 500 or --seed 1.
set -euo pipefail
source "$(dirname "$0")/../sam/lib.sh"

# start_deployment runs `make run` on a free port; sets base.
start_deployment() {
  say "starting the local deployment ..."
  go build -o "$work/local" ./shared/cmd/local
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  # WhatsApp templates go nowhere: nobody listens there.
  META_GRAPH_URL=http://127.0.0.1:1 INSTAGRAM_GRAPH_URL=http://127.0.0.1:1 TWILIO_API_URL=http://127.0.0.1:1 PORT=$port "$work/local" serve --state "$work/state" >"$work/local.log" 2>&1 &
  started=($! "${started[@]}")
  await 90 test -s "$work/state/demo.json" || die "It does not start: $(tail -n 5 "$work/local.log")"
  base=$(python3 tests/schemathesis/prepare.py "$work/state/demo.json" "$work")
}

# schemathesis OPTIONS: runs Schemathesis, also with the options in SCHEMATHESIS.
schemathesis() {
  # shellcheck disable=SC2086 # options are words
  (cd "$work" && "$OLDPWD/.venv-schemathesis/bin/st" run "$base/openapi.json" --url "$base" --no-color "$@" ${SCHEMATHESIS-} >report 2>&1)
}

# finds_nothing NAME OPTIONS: a run finds no failure.
finds_nothing() {
  local name=$1 before=$failed
  shift
  check "$name: nothing is found" schemathesis "$@"
  if ((failed > before)); then
    cat "$work/report"
  else
    sed -n '/= SUMMARY =/,$p' "$work/report"
  fi
}

install_python schemathesis st
start_deployment
cp tests/schemathesis/schemathesis.toml tests/schemathesis/checks.py "$work"

say "schemathesis"
mv "$work/auth-key.yaml" "$work/auth.yaml"
finds_nothing "with a key, everything"
mv "$work/auth-owner.yaml" "$work/auth.yaml"
# The log-out is left out: it would end the session that all other requests need.
finds_nothing "as an owner, what owners do" --include-operation-id-regex '^(manage(Org|Member|Key)|agentflow(Me|Key))'
mv "$work/auth-operator.yaml" "$work/auth.yaml"
sed -i '/^peers/d' "$work/schemathesis.toml" # only one operator exists
finds_nothing "as an operator, what operators do" --include-operation-id-regex '^operator'
