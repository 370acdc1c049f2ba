#!/usr/bin/env bash
# `make test-schemathesis`: what the document allows, and what it forbids, is
# sent to the local deployment; each answer must be as the document says.
# SCHEMATHESIS holds further options, such as --max-examples 500 or --seed 1.
set -euo pipefail
source "$(dirname "$0")/../sam/lib.sh"

# start_deployment is `make run` on a port of its own; sets base and demo.
start_deployment() {
  say "starting the local deployment ..."
  go build -o "$work/local" ./shared/cmd/local
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  PORT=$port "$work/local" serve --state "$work/state" >"$work/local.log" 2>&1 &
  started=($! "${started[@]}")
  demo=$work/state/demo.json
  await 90 test -s "$demo" || die "It does not start: $(tail -n 5 "$work/local.log")"
  base=$(jq -r .base_url "$demo")
}

# make_things leaves threads that are talked in, and lists what there is.
make_things() {
  local org agent thread
  jq '.orgs[].agent_id' "$demo" >"$work/agents.txt"
  jq '.orgs[].id' "$demo" >"$work/orgs.txt"
  : >"$work/threads.txt"
  for org in demo other; do
    key=$(jq -r ".orgs.$org.api_key" "$demo")
    agent=$(jq -r ".orgs.$org.agent_id" "$demo")
    for _ in 1 2 3; do
      request POST "$base/api/threads" "{\"agentId\": \"$agent\"}"
      thread=$(value .id)
      say "\"$thread\"" >>"$work/threads.txt"
      request POST "$base/api/threads/$thread/messages" '{"content": "[[words 3]]"}'
    done
  done
}

# authenticate FILTER: jq's FILTER makes names and credentials of demo.json.
authenticate() {
  jq "$1"' | {auth: [to_entries[] | {
    name: .key, fixedHeaders: [{name: "Authorization", value: ("Bearer " + (.value | ltrimstr("af_session=")))}]
  }]}' "$demo" >"$work/auth.yaml"
}

# schemathesis OPTIONS: with those of SCHEMATHESIS beside.
schemathesis() {
  # shellcheck disable=SC2086 # options are words
  (cd "$work" && "$OLDPWD/.venv-schemathesis/bin/st" run "$base/openapi.json" --url "$base" --no-color "$@" ${SCHEMATHESIS-} >report 2>&1)
}

# finds_nothing NAME OPTIONS
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
make_things
cp tests/schemathesis/schemathesis.toml tests/schemathesis/checks.py "$work"

say "schemathesis"
authenticate '.orgs | map_values(.api_key)'
finds_nothing "with a key, everything"
authenticate '.orgs | map_values(.session_cookie)'
# Not logging out, which would end the session that all the others need.
finds_nothing "as an owner, what owners do" --include-operation-id-regex '^(manage(Org|Member|Key)|agentflow(Me|Key))'
authenticate '{operator: .operator_key}'
sed -i '/^peers/d' "$work/schemathesis.toml" # there is one of this kind
finds_nothing "as an operator, what operators do" --include-operation-id-regex '^operator'
