#!/usr/bin/env bash
# Flametalk: create an agent, deploy it, change its instructions, deploy the new
# version, and delete the agent. Needs BASE_URL and API_KEY; see README.md.
set -euo pipefail

agents="$BASE_URL/api/v1/agents"
json=(-H 'Content-Type: application/json')
flametalk() { curl -sS --fail-with-body -H "Authorization: Bearer $API_KEY" "$@"; }

# read_field EXPRESSION: a part of the answer's data, as Python indexes it.
read_field() { python3 -c "import json, sys; print(json.load(sys.stdin)['data']$1)"; }

# deploy AGENT: deploys the agent's newest version.
deploy() {
  local version
  version=$(flametalk "$agents/$1" | read_field "['versions'][0]['id']")
  flametalk -X POST "$agents/$1/versions/$version/deploy" | read_field "['deployed_version']['version_label']"
}

agent=$(flametalk "${json[@]}" "$agents" -d '{"name": "Tide table", "instructions": "You know the tides."}' | read_field "['id']")
echo "created $agent"
echo "deployed $(deploy "$agent")"

flametalk -X PATCH "${json[@]}" "$agents/$agent" -d '{"instructions": "You know the tides and the winds."}' >/dev/null
echo "deployed $(deploy "$agent")"

echo "deleted: $(flametalk -X DELETE "$agents/$agent" | read_field "['deleted']")"
