#!/usr/bin/env bash
# FlowGent's API with curl: its agents, and a chat in each form of messages. Its
# keys stand in the header as they are.
source lib.sh
json='Content-Type: application/json'
key="Authorization: $KEY"
status='\n%{http_code} %{content_type}\n'
chat=$BASE_URL/api/public/agent/$AGENT/chat

curl -X GET -H "$json" -H "Authorization: $BOUND_KEY" "$BASE_URL/api/public/agent" | pretty >"$work/answer"
shows "agents" <<'END'
{
    "agents": [
        {
            "agent_id": "<agent>",
            "name": "Test Agent",
            "description": null,
            "model": "amazon.nova-lite-v1:0",
            "status": "deployed",
            "created_at": "<time>",
            "updated_at": "<time>"
        }
    ]
}
END

message='{"role": "user", "content": "Where is my order?"}'
for form in string object list; do
  case $form in
  string) messages='"Where is my order?"' ;;
  object) messages=$message ;;
  list) messages=[$message] ;;
  esac
  thread=flowgent-$RANDOM-$RANDOM-$RANDOM
  curl -X POST -H "$json" -H "$key" "$chat" -d "{\"messages\": $messages, \"thread_id\": \"$thread\"}" | sed "s/$thread/<thread>/" | pretty >"$work/answer"
  shows "messages: $form" <<'END'
{
    "statusCode": 200,
    "body": {
        "agent_id": "<agent>",
        "conversation_history": [
            {
                "role": "user",
                "content": "Where is my order?"
            },
            {
                "role": "assistant",
                "content": "You said: Where is my order?"
            }
        ],
        "metadata": {
            "id": "<uuid>",
            "model": "amazon.nova-lite-v1:0",
            "timestamp": "<time>",
            "tool_calls": {},
            "execution_time": <ms>,
            "used_credits": 0.00072,
            "thread_id": "<thread>"
        }
    }
}
END
done

# The thread's id goes on with it.
curl -X POST -H "$json" -H "$key" "$chat" -d "{\"messages\": \"[[recall]]\", \"thread_id\": \"$thread\"}" >"$work/answer"
goes_on() { [[ $(part '["body"]["conversation_history"][-1]["content"]') == "Where is my order?" ]] || { cat "$work/answer"; return 1; }; }
holds "a conversation continued" goes_on

# How an execution ended stands in the body, under HTTP's 200.
curl -X POST -H "$json" -H "Authorization: $EMPTY_KEY" "$BASE_URL/api/public/agent/$EMPTY_AGENT/chat" -d '{"messages": "Hello"}' -w "$status" >"$work/answer"
shows "402" <<'END'
{"statusCode":402,"body":{"agent_id":"<empty agent>","message":"No credits available","error":"No credits available"}}
200 application/json
END
curl -X POST -H "$json" -H "$key" "$chat" -d '{"messages": "[[throttle]]"}' -w "$status" >"$work/answer"
shows "503" <<'END'
{"statusCode":503,"body":{"agent_id":"<agent>","message":"Service temporarily unavailable","error":"AI provider is currently experiencing high traffic"}}
200 application/json
END
curl -X POST -H "$json" -H "$key" "$chat" -d '{"messages": "[[fail]]"}' -w "$status" >"$work/answer"
shows "500" <<'END'
{"statusCode":500,"body":{"error":"An unexpected error occurred while processing your request"}}
200 application/json
END

curl -X POST -H "$json" "$chat" -d '{"messages": "Hello"}' -w "$status" >"$work/answer"
shows "no key" <<'END'
{"error":"API key is required","message":"Please provide an API key in the Authorization header"}
401 application/json
END
curl -X POST -H "$json" -H 'Authorization: fg_live_of_nobody' "$chat" -d '{"messages": "Hello"}' -w "$status" >"$work/answer"
shows "a wrong key" <<'END'
{"error":"Invalid API key","message":"The provided API key is not valid"}
401 application/json
END
curl -X POST -H "$json" -H "$key" "$BASE_URL/api/public/agent/$EMPTY_AGENT/chat" -d '{"messages": "Hello"}' -w "$status" >"$work/answer"
shows "another organisation's agent" <<'END'
{"error":"Access denied","message":"This agent does not belong to your organisation"}
403 application/json
END
curl -X POST -H "$json" -H "$key" "$BASE_URL/api/public/agent/%20/chat" -d '{"messages": "Hello"}' -w "$status" >"$work/answer"
shows "no agent" <<'END'
{"error":"agent_id is required and must be a non-empty string"}
400 application/json
END
