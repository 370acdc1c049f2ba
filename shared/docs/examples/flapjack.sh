#!/usr/bin/env bash
# Flapjack: start a thread and print an answer while it is written. Needs
# BASE_URL, API_KEY and AGENT; see README.md.
set -euo pipefail

flapjack() { curl -sSN --fail-with-body -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' "$@"; }

thread=$(flapjack "$BASE_URL/api/threads" -d "{\"agentId\": \"$AGENT\"}" | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')

# The answer is a stream of server-sent events. A line `data: {"delta": ...}`
# has a piece of the answer.
flapjack "$BASE_URL/api/threads/$thread/messages" -d '{"content": "Count the lighthouses."}' | python3 -c '
import json, sys

for line in sys.stdin:
    if line.startswith("data: "):
        print(json.loads(line[len("data: "):]).get("delta", ""), end="", flush=True)
print()
'
