#!/usr/bin/env bash
# FlowGent's API with curl: its agents, a chat in each form of messages, and usage.
# Its keys are sent in the header without a scheme.
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

# The thread's id continues the thread.
curl -X POST -H "$json" -H "$key" "$chat" -d "{\"messages\": \"[[recall]]\", \"thread_id\": \"$thread\"}" >"$work/answer"
goes_on() { [[ $(part '["body"]["conversation_history"][-1]["content"]') == "Where is my order?" ]] || { cat "$work/answer"; return 1; }; }
holds "a conversation continued" goes_on

# The outcome of a chat is in the body, under HTTP status 200.
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

# Usage: both dates in the page's form, a start date, and no dates, which means the
# seven days before today.
usage=$BASE_URL/api/public/agent/$AGENT/usage
days_ago() { python3 -c "import datetime as d; print((d.datetime.now(d.timezone.utc) - d.timedelta(days=$1)).date())"; }
ranged() { # ranged QUERY DAYS FIRST: the answer has this many days until yesterday, newest first
  curl -X GET -H "$key" "$usage$1" >"$work/answer"
  python3 - "$2" "$3" "$(days_ago 1)" "$work/answer" <<'END'
import json, sys
days, first, last, answer = sys.argv[1:]
answer = json.load(open(answer))
dates = [day["date"] for day in answer["usage"]["daily_breakdown"]]
want = [int(days), last, first, {"start": first + "T00:00:00.000Z", "end": last + "T23:59:59.999Z"}, sorted(dates, reverse=True)]
got = [len(dates), dates[0], dates[-1], answer["time_range"], dates]
sys.exit(0 if want == got and "note" not in answer else str(answer))
END
}
holds "usage without dates" ranged "" 7 "$(days_ago 7)"
holds "usage from a start date" ranged "?start_date=$(days_ago 3)" 3 "$(days_ago 3)"
curl -X GET -H "$key" "$usage?start_date=2025-05-20&end_date=2025-05-22" | pretty >"$work/answer"
shows "usage of some days" <<'END'
{
    "agent_id": "<agent>",
    "time_range": {
        "start": "2025-05-20T00:00:00.000Z",
        "end": "2025-05-22T23:59:59.999Z"
    },
    "usage": {
        "total_credits_used": 0,
        "daily_breakdown": [
            {
                "date": "2025-05-22",
                "credits_used": 0
            },
            {
                "date": "2025-05-21",
                "credits_used": 0
            },
            {
                "date": "2025-05-20",
                "credits_used": 0
            }
        ]
    },
    "note": "Endpoint active from 28 May 2025 onwards"
}
END

for query in "end_date=2025-05-26" "start_date=26-05-2025" "start_date=2025-02-30" "start_date=2025-05-26&end_date=2025-05-20" \
  "start_date=2025-05-20&end_date=$(days_ago 0)" "start_date=2025-05-20&end_date=2025-06-20"; do
  curl -X GET -H "$key" "$usage?$query" -w ' %{http_code}\n'
done >"$work/answer"
shows "dates that are refused" <<'END'
{"error":"Invalid date range","message":"start_date is required when end_date is provided (format: YYYY-MM-DD)"} 400
{"error":"Invalid date format","message":"Dates must be in YYYY-MM-DD format"} 400
{"error":"Invalid dates","message":"Provided dates are not valid"} 400
{"error":"Invalid date range","message":"start_date must not be after end_date"} 400
{"error":"Invalid end date","message":"end_date cannot be today or in the future. Data is only available up to yesterday."} 400
{"error":"Date range too large","message":"Date range cannot exceed 31 days"} 400
END
{
  curl -X GET "$usage" -w ' %{http_code}\n'
  curl -X GET -H 'Authorization: fg_live_of_nobody' "$usage" -w ' %{http_code}\n'
  curl -X GET -H "$key" "$BASE_URL/api/public/agent/$EMPTY_AGENT/usage" -w ' %{http_code}\n'
  curl -X GET -H "$key" "$BASE_URL/api/public/agent/%20/usage" -w ' %{http_code}\n'
} >"$work/answer"
shows "usage that is refused" <<'END'
{"error":"API key is required","message":"Please provide an API key in the Authorization header"} 401
{"error":"Invalid API key","message":"The provided API key is not valid"} 401
{"error":"Access denied","message":"This agent does not belong to your organisation"} 403
{"error":"agent_id is required and must be a non-empty string"} 400
END
