#!/usr/bin/env bash
# Flapjack's quickstart with curl: agents, a thread, a streamed message.
source lib.sh
bearer="Authorization: Bearer $KEY"
json='Content-Type: application/json'
status='\n%{http_code} %{content_type}\n'

curl "$BASE_URL/api/agents" -H "Authorization: Bearer $BOUND_KEY" | pretty >"$work/answer"
shows "agents" <<'END'
[
    {
        "id": "<agent>",
        "name": "Test Agent",
        "description": null,
        "default_model": "amazon.nova-lite-v1:0",
        "temperature": 0.7,
        "created_at": "<time>"
    }
]
END

curl -X POST "$BASE_URL/api/threads" -H "$bearer" -H "$json" -d "{\"agentId\": \"$AGENT\"}" | pretty >"$work/answer"
shows "a new thread" <<'END'
{
    "id": "<agent>.<uuid>",
    "org_id": "<org>",
    "agent_id": "<agent>",
    "title": null,
    "created_at": "<time>"
}
END
messages=$BASE_URL/api/threads/$(part '["id"]')/messages

curl -N -X POST "$messages" -H "$bearer" -H "$json" -d '{"content": "Hello! What can you do?"}' -w "$status" >"$work/answer"
shows "a streamed answer" <<'END'
event: meta
data: {"startedAt":"<time>"}

event: token
data: {"delta":"You"}

event: token
data: {"delta":" said:"}

event: token
data: {"delta":" Hello!"}

event: token
data: {"delta":" What"}

event: token
data: {"delta":" can"}

event: token
data: {"delta":" you"}

event: token
data: {"delta":" do?"}

event: done
data: {"ok":true,"messageId":"<message>","content":"You said: Hello! What can you do?"}


200 text/event-stream; charset=utf-8
END

# -N shows each event at its arrival: at the first of two tokens the turn is still
# running, and its thread has no messages yet.
curl -X POST "$BASE_URL/api/threads" -H "$bearer" -H "$json" -d "{\"agentId\": \"$AGENT\"}" >"$work/answer"
quiet=$BASE_URL/api/threads/$(part '["id"]')/messages
curl -N -X POST "$quiet" -H "$bearer" -H "$json" -d '{"content": "[[words 2]] [[delay 2000]]"}' | while IFS= read -r line; do
  echo "$line"
  if [[ $line == 'data: {"delta":"w1"}' ]]; then
    curl "$quiet" -H "$bearer" </dev/null
    echo
  fi
done >"$work/answer"
shows "a token before the answer is whole" <<'END'
event: meta
data: {"startedAt":"<time>"}

event: token
data: {"delta":"w1"}
[]

event: token
data: {"delta":" w2"}

event: done
data: {"ok":true,"messageId":"<message>","content":"w1 w2"}

END

curl -N -X POST "$messages" -H "$bearer" -H "$json" -d '{"content": "[[tool weather {\"city\":\"London\"}]]"}' | sed -n 1,9p >"$work/answer"
shows "a tool's three events" <<'END'
event: meta
data: {"startedAt":"<time>"}

event: tool_call
data: {"tool":{"id":"<tool use>","name":"weather","arguments":{"city":"London"}}}

event: tool_executing
data: {"tool_name":"weather"}

END

curl -N -X POST "$messages" -H "$bearer" -H "$json" -d '{"content": "[[tool weather {}]]"}' | sed -n 10,11p >"$work/answer"
shows "a tool's result" <<'END'
event: tool_result
data: {"tool_name":"weather","tool_call_id":"<tool use>","result":"unknown tool: weather"}
END

curl -N -X POST "$messages" -H "$bearer" -H "$json" -d '{"content": "[[words 4]] [[break 1]]"}' | tail -n 3 >"$work/answer"
shows "an error in the stream" <<'END'
event: error
data: {"code":"INTERNAL_ERROR","detail":"Internal server error"}

END

curl "$BASE_URL/api/agents" -H 'Authorization: Bearer fj_live_of_nobody' -w "$status" >"$work/answer"
shows "401" <<'END'
{"error":"UNAUTHORIZED","detail":"Invalid or expired API key"}
401 application/json
END
curl -X POST "$BASE_URL/api/threads" -H "Authorization: Bearer $BOUND_KEY" -H "$json" -d "{\"agentId\": \"$SECOND_AGENT\"}" -w "$status" >"$work/answer"
shows "403" <<'END'
{"error":"FORBIDDEN","detail":"This key belongs to another agent"}
403 application/json
END
curl -X POST "$BASE_URL/api/threads/thread-456/messages" -H "$bearer" -H "$json" -d '{"content": "hi"}' -w "$status" >"$work/answer"
shows "404" <<'END'
{"error":"NOT_FOUND","detail":"Thread not found"}
404 application/json
END
curl -X POST "$BASE_URL/api/threads" -H "$bearer" -H "$json" -d '{}' -w "$status" >"$work/answer"
shows "422" <<'END'
{"error":"VALIDATION_ERROR","detail":"agentId is required and must be the id or slug of an agent"}
422 application/json
END
curl -N -X POST "$messages" -H "$bearer" -H "$json" -d '{"content": "[[fail]]"}' -w "$status" >"$work/answer"
shows "500" <<'END'
{"error":"INTERNAL_ERROR","detail":"Internal server error"}
500 application/json
END
