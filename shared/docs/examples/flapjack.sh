#!/usr/bin/env bash
# Flapjack: a thread with two messages, answered as server-sent events.
set -euo pipefail
. "$(dirname "$0")/settings.sh" BASE_URL API_KEY AGENT

flapjack() {
  curl -sS --fail-with-body -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' "$BASE_URL$1" "${@:2}"
}

thread=$(flapjack /api/threads -d "{\"agentId\": \"$AGENT\"}" | field '["id"]')

# -N prints each event as it arrives; `done` has the whole answer.
flapjack "/api/threads/$thread/messages" -N -d '{"content": "Count the lighthouses."}'
flapjack "/api/threads/$thread/messages" -N -d '{"content": "And the ferries?"}'

# The thread's title is derived from its first message.
flapjack "/api/threads/$thread" | field '["title"]'
