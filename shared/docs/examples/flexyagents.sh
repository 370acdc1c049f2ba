#!/usr/bin/env bash
# FlexyAgents: a whole answer, and one in the same thread as lines of JSON.
set -euo pipefail
. "$(dirname "$0")/settings.sh" BASE_URL API_KEY AGENT

thread="boats-$RANDOM$RANDOM" # an id of your choice starts a thread

flexyagents() {
  curl -sS --fail-with-body "$BASE_URL/api/agents/$AGENT/chat" \
    -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' "$@"
}

flexyagents -d '{"messages": [{"role": "user", "content": "My boat is called Teal."}],
  "thread_id": "'"$thread"'"}' | field '["message"]["content"]'

# The agent knows the earlier messages of the thread. -N prints each line as it
# arrives.
flexyagents -N -d '{"messages": [{"role": "user", "content": "What is my boat called?"}],
  "thread_id": "'"$thread"'", "stream": true}'
