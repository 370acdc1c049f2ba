#!/usr/bin/env bash
# Flametalk: create an agent, deploy it, ask it, change and deploy it again, and
# delete it.
set -euo pipefail
. "$(dirname "$0")/settings.sh" BASE_URL API_KEY

flametalk() {
  curl -sS --fail-with-body -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' "$BASE_URL$1" "${@:2}"
}

# deploy AGENT: deploys the agent's newest version.
deploy() {
  local version
  version=$(flametalk "/v1/agents/$1" | field '["data"]["versions"][0]["id"]')
  version=$(flametalk "/v1/agents/$1/versions/$version/deploy" -X POST | field '["data"]["deployed_version"]["version_label"]')
  echo "deployed $version"
}

agent=$(flametalk /v1/agents -d '{"name": "Tide table", "instructions": "You know the tides."}' | field '["data"]["id"]')
echo "created $agent"
deploy "$agent"

# Flametalk's API has no chat. The agent chats over the other four, here over
# AgentFlow's.
flametalk "/agents/$agent/chat" -d '{"text": "Ahoy!", "stream": false}' | field '["content"]'

flametalk "/v1/agents/$agent" -X PATCH -d '{"instructions": "You know the tides and the winds."}' | field '["success"]' >/dev/null
deploy "$agent"
flametalk "/v1/agents/$agent" -X DELETE | field '["data"]' # {"deleted": true}
