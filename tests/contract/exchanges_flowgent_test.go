package contract_test

import (
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/turn"
)

var flowgent = slices.Concat(
	refusesStrangers("flowgent-agent-list", get, "/api/public/agent"),
	of("flowgent-agent-list",
		exchange{method: get, path: "/api/public/agent", status: 200},
		exchange{method: get, path: "/api/public/agent", key: "none", header: map[string]string{"Authorization": "$KEY"}, status: 200},
		exchange{method: get, path: "/api/public/agent", key: "$BOUND_KEY", status: 200},
	),

	refusesStrangers("flowgent-chat-create", post, "/api/public/agent/$AGENT/chat"),
	refusesBodies("flowgent-chat-create", post, "/api/public/agent/$AGENT/chat", "messages", 400),
	of("flowgent-chat-create",
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"[[words 5]]"}`, status: 200, writes: true},
		exchange{method: post, path: "/api/public/agent/$SLUG/chat", body: `{"messages":{"role":"user","content":"caf\u00e9 \ud83c\udfbb <&> \u2028"}}`, status: 200, writes: true},
		exchange{
			method: post, path: "/api/public/agent/$AGENT/chat", status: 200, writes: true,
			body: `{"messages":[{"role":"user","content":"one"},{"role":"assistant","content":""},{"role":"user","content":[{"type":"text","text":"[[recall]]"}]}]}`,
		},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"[[tool add {\"a\":1}]]","thread_id":"$TALKED_THREAD"}`, status: 200, writes: true},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", key: "$BOUND_KEY", body: `{"messages":"hi","thread_id":"$AGENT:new","callback_url":null}`, status: 200, writes: true},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"hi"}`, header: once, status: 200, writes: true},
		// How an execution ends is under HTTP 200.
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"[[throttle]]"}`, header: once, status: 200},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"[[nomodel]]"}`, status: 200},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"[[fail]]"}`, status: 200},
		exchange{method: post, path: "/api/public/agent/$EMPTY_AGENT/chat", key: "$EMPTY_KEY", body: `{"messages":"hi"}`, status: 200},
		exchange{method: post, path: "/api/public/agent/%20/chat", body: `{"messages":"hi"}`, status: 400},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"` + strings.Repeat("x", turn.MaxText+1) + `"}`, status: 400},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":[]}`, status: 400},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":{"role":"system","content":"hi"}}`, status: 400},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"hi","thread_id":"a b"}`, status: 400},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"hi","callback_url":"https://example.com/hook"}`, status: 400},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"hi"}`, header: tooLong, status: 400},
		exchange{method: post, path: "/api/public/agent/$OTHER_AGENT/chat", body: `{"messages":"hi"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/$GONE_AGENT/chat", body: `{"messages":"hi"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/" + nowhere + "/chat", body: `{"messages":"hi"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/$SECOND_AGENT/chat", key: "$BOUND_KEY", body: `{"messages":"hi"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/$AGENT/chat", body: `{"messages":"hi","thread_id":"$SECOND_THREAD"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/a%2Fb/chat", body: `{"messages":"hi"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/%00/chat", body: `{"messages":"hi"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/%ff/chat", body: `{"messages":"hi"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/%F0%9F%8E%BB/chat", body: `{"messages":"hi"}`, status: 403},
		exchange{method: post, path: "/api/public/agent/$DRAFT_AGENT/chat", body: `{"messages":"hi"}`, status: 409},
		exchange{method: post, path: "/api/public/agent/$BUSY_AGENT/chat", key: "$BUSY_KEY", body: `{"messages":"hi"}`, status: 429},
	),

	refusesStrangers("flowgent-usage-get", get, "/api/public/agent/$AGENT/usage"),
	of("flowgent-usage-get",
		exchange{method: get, path: "/api/public/agent/$AGENT/usage", status: 200},
		exchange{method: get, path: "/api/public/agent/$SLUG/usage", key: "none", header: map[string]string{"Authorization": "$KEY"}, status: 200},
		exchange{method: get, path: "/api/public/agent/$AGENT/usage?start_date=2025-05-20&end_date=2025-05-28", key: "$BOUND_KEY", status: 200},
		exchange{method: get, path: "/api/public/agent/$DRAFT_AGENT/usage?start_date=2024-02-01&end_date=2024-03-02", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/public/agent/%20/usage", status: 400},
		exchange{method: get, path: "/api/public/agent/$AGENT/usage?end_date=2025-05-28", status: 400},
		exchange{method: get, path: "/api/public/agent/$AGENT/usage?start_date=", status: 400},
		exchange{method: get, path: "/api/public/agent/$AGENT/usage?start_date=28.05.2025&end_date=%00", status: 400},
		exchange{method: get, path: "/api/public/agent/$AGENT/usage?start_date=2025-02-29&end_date=2025-03-01", status: 400},
		exchange{method: get, path: "/api/public/agent/$AGENT/usage?start_date=2025-05-29&end_date=2025-05-28", status: 400},
		exchange{method: get, path: "/api/public/agent/$AGENT/usage?start_date=2025-05-28&end_date=2999-12-31", status: 400},
		exchange{method: get, path: "/api/public/agent/$AGENT/usage?start_date=2025-05-01&end_date=2025-06-01", status: 400},
		exchange{method: get, path: "/api/public/agent/$OTHER_AGENT/usage?start_date=x", status: 403},
		exchange{method: get, path: "/api/public/agent/$GONE_AGENT/usage", status: 403},
		exchange{method: get, path: "/api/public/agent/$SECOND_AGENT/usage", key: "$BOUND_KEY", status: 403},
		exchange{method: get, path: "/api/public/agent/" + nowhere + "/usage", status: 403},
		exchange{method: get, path: "/api/public/agent/%F0%9F%8E%BB/usage", status: 403},
		exchange{method: get, path: "/api/public/agent/" + strings.Repeat("x", 100) + "/usage", status: 403},
	),
)
