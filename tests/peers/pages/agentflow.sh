#!/usr/bin/env bash
# AgentFlow's chat with curl: a key is minted, and a chat is sent with each way to
# authenticate and each form of the body.
source lib.sh
json='content-type: application/json'
status='\n%{http_code} %{content_type}\n'
chat=$BASE_URL/agents/$SLUG/chat

curl -X POST "$BASE_URL/me/api-keys" -H "Cookie: $SESSION" -H "$json" -d '{ "name": "my-bot" }' -w "$status" >"$work/answer"
shows "a key, once" <<'END'
{"id":"<uuid>","name":"my-bot","key":"af_live_<secret>","created_at":"<time>"}
201 application/json
END
minted=$(sed 1q "$work/answer" | python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')

curl -N -X POST "$chat" -H "x-api-key: $minted" -H "$json" -d '{"text": "Will it rain in London?"}' -D "$work/head" -w "$status" >"$work/answer"
shows "a streamed answer to a text" <<'END'
event: status
data: {"state":"thinking"}

event: message
data: "You"

event: message
data: " said:"

event: message
data: " Will"

event: message
data: " it"

event: message
data: " rain"

event: message
data: " in"

event: message
data: " London?"

event: done
data: {"content":"You said: Will it rain in London?","text":"You said: Will it rain in London?","tools":[],"thread_id":"<uuid>:<slug>"}

event: flow_meta
data: {"balance_remaining":"<flow>"}


200 text/event-stream; charset=utf-8
END
grep -iE '^x-flow-' "$work/head" | tr -d '\r' | tr '[:upper:]' '[:lower:]' | sed -E 's/balance: [0-9]+\.[0-9]{3}$/balance: <flow>/' | sort >"$work/answer"
shows "the hold, before the body" <<'END'
x-flow-balance: <flow>
x-flow-precharge: 0.500
END

# A list may have a whole conversation. Its last user message is answered; the history
# is the server's own for this key.
curl -N -X POST "$chat" -H "x-api-key: $minted" -H "$json" \
  -d '{"messages": [{"role": "user", "content": "never said"}, {"role": "user", "content": "[[recall]]"}], "stream": true}' | grep -A 1 '^event: done' >"$work/answer"
shows "a list, and the server's own history" <<'END'
event: done
data: {"content":"Will it rain in London?","text":"Will it rain in London?","tools":[],"thread_id":"<uuid>:<slug>"}
END

curl -N -X POST "$chat" -H "Authorization: Bearer ${SESSION#af_session=}" -H "$json" -d '{"text": "Hi!"}' | grep -A 1 '^event: done' >"$work/answer"
shows "with a session's token" <<'END'
event: done
data: {"content":"You said: Hi!","text":"You said: Hi!","tools":[],"thread_id":"<uuid>:<slug>"}
END
curl -N -X POST "$chat" -H "Cookie: $SESSION" -H "$json" -d '{"text": "[[recall]]"}' | grep -A 1 '^event: done' >"$work/answer"
shows "with a session's cookie" <<'END'
event: done
data: {"content":"Hi!","text":"Hi!","tools":[],"thread_id":"<uuid>:<slug>"}
END

curl -N -X POST "$chat" -H "x-api-key: $KEY" -H "$json" -d '{"text": "[[tool weather {\"city\":\"London\"}]]"}' | grep -A 1 '^event: status' | grep -v '^--' >"$work/answer"
shows "a tool's start and end" <<'END'
event: status
data: {"state":"thinking"}
event: status
data: {"state":"tool_start","tool":"weather"}
event: status
data: {"state":"tool_done","tool":"weather"}
END

curl -N -X POST "$chat" -H 'x-api-key: af_live_of_nobody' -H "$json" -d '{"text": "Hi!"}' -w "$status" >"$work/answer"
shows "401" <<'END'
{"error":"invalid_api_key"}
401 application/json
END
curl -N -X POST "$BASE_URL/agents/$EMPTY_AGENT/chat" -H "x-api-key: $EMPTY_KEY" -H "$json" -d '{"text": "Hi!"}' -w "$status" >"$work/answer"
shows "402" <<'END'
{"error":"insufficient_flow","balance":"<flow>","topup_url":"<base url>/console"}
402 application/json
END
curl -N -X POST "$BASE_URL/agents/tg-457c1d/chat" -H "x-api-key: $KEY" -H "$json" -d '{"text": "Hi!"}' -w "$status" >"$work/answer"
shows "404" <<'END'
{"error":"not_found"}
404 application/json
END
curl -X POST "$BASE_URL/v1/agents" -H "x-api-key: $KEY" -H "$json" -d '{"name": "Tg", "instructions": "Be gone."}' >"$work/answer"
gone=$(part '["data"]["slug"]')
curl -X DELETE "$BASE_URL/v1/agents/$(part '["data"]["id"]')" -H "x-api-key: $KEY" >"$work/answer"
curl -N -X POST "$BASE_URL/agents/$gone/chat" -H "x-api-key: $KEY" -H "$json" -d '{"text": "Hi!"}' -w "$status" >"$work/answer"
shows "410" <<'END'
{"error":"agent_tombstoned"}
410 application/json
END
curl -N -X POST "$chat" -H "x-api-key: $KEY" -H "$json" -d '{"text": "[[nomodel]]"}' -w "$status" >"$work/answer"
shows "502" <<'END'
{"error":"auto_redeploy_failed"}
502 application/json
END
