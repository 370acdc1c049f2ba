#!/usr/bin/env bash
# FlowGent: two questions in one thread, and the thread's history. In
# callbacks.py and callbacks.ts the answer is posted to a URL instead.
set -euo pipefail
. "$(dirname "$0")/settings.sh" BASE_URL API_KEY AGENT

thread="tides-$RANDOM$RANDOM" # an id of your choice starts a thread

# ask TEXT FIELD: prints a part of the answer's body. FlowGent's chat reports
# some failures with HTTP 200: their body has other fields, and field fails.
ask() {
  curl -sS --fail-with-body "$BASE_URL/api/public/agent/$AGENT/chat" \
    -H "Authorization: $API_KEY" -H 'Content-Type: application/json' \
    -d "{\"messages\": \"$1\", \"thread_id\": \"$thread\"}" | field "[\"body\"]$2"
}

ask 'When is low tide?' '["conversation_history"][-1]["content"]'
ask 'And high tide?' '["conversation_history"]'
