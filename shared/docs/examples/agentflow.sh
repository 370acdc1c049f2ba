#!/usr/bin/env bash
# AgentFlow: a whole answer, and one as server-sent events.
set -euo pipefail
. "$(dirname "$0")/settings.sh" BASE_URL API_KEY AGENT

agentflow() {
  curl -sS --fail-with-body "$BASE_URL/agents/$AGENT/chat" \
    -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' "$@"
}

agentflow -d '{"text": "Which way does the ferry go?", "stream": false}' | field '["content"]'

# Events are the default. -N prints each one as it arrives; flow_meta is the
# last and has the balance.
agentflow -N -d '{"text": "And back?"}'
