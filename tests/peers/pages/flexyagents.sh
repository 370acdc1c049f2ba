#!/usr/bin/env bash
# FlexyAgents' chat with curl, whole and line by line.
source lib.sh
bearer="Authorization: Bearer $KEY"
json='Content-Type: application/json'
status='\n%{http_code} %{content_type}\n'
chat=$BASE_URL/api/agents/$AGENT/chat

curl -X POST "$chat" -H "$bearer" -H "$json" -w "$status" \
  -d '{"messages": [{"role": "user", "content": "Hello"}], "stream": false}' >"$work/answer"
shows "a whole answer" <<'END'
{"id":"<uuid>","agent_id":"<agent>","thread_id":"<agent>.<uuid>","message":{"role":"assistant","content":"You said: Hello"},"usage":{"input_tokens":3,"output_tokens":3,"credits":0.00036},"created_at":"<time>"}
200 application/json
END

curl -N -X POST "$chat" -H "$bearer" -H "$json" -w "$status" \
  -d '{"messages": [{"role": "user", "content": "Hello"}], "stream": true}' >"$work/answer"
shows "a line for each token" <<'END'
{"type":"start","id":"<uuid>","thread_id":"<agent>.<uuid>"}
{"type":"delta","content":"You"}
{"type":"delta","content":" said:"}
{"type":"delta","content":" Hello"}
{"type":"done","message":{"role":"assistant","content":"You said: Hello"},"usage":{"input_tokens":3,"output_tokens":3,"credits":0.00036}}

200 application/x-ndjson
END

# The array may have many turns; the latest is answered.
curl -X POST "$chat" -H "$bearer" -H "$json" \
  -d '{"messages": [{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}, {"role": "user", "content": "Three"}]}' >"$work/answer"
latest() { [[ $(part '["message"]["content"]') == "You said: Three" ]] || { cat "$work/answer"; return 1; }; }
holds "several turns" latest

# A dashboard's session works like a key.
curl -X POST "$chat" -H "Cookie: $SESSION" -H "$json" -d '{"messages": [{"role": "user", "content": "Hello"}]}' >"$work/answer"
greeted() { [[ $(part '["message"]["content"]') == "You said: Hello" ]] || { cat "$work/answer"; return 1; }; }
holds "with a session" greeted

curl -X POST "$chat" -H 'Authorization: Bearer fx_live_of_nobody' -H "$json" -d '{"messages": [{"role": "user", "content": "Hello"}]}' -w "$status" >"$work/answer"
shows "401" <<'END'
{"error":{"code":"UNAUTHORIZED","message":"Invalid or expired API key"}}
401 application/json
END
curl -X POST "$chat" -H "$bearer" -H "$json" -d '{"messages": []}' -w "$status" >"$work/answer"
shows "no turn at all" <<'END'
{"error":{"code":"INVALID_REQUEST","message":"messages must have at least one message"}}
400 application/json
END
