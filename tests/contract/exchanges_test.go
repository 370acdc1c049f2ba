package contract_test

import (
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/turn"
)

// exchanges are each function's answers: what it does when all is well, and
// its refusals. Together they take every way that a function has through the
// store and the model.
var exchanges = slices.Concat(agentflow, agentflowKeys, flapjack, flametalk, flexyagents, flowgent, manage, openapi)

const (
	nowhere   = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	post, get = http.MethodPost, http.MethodGet
)

var agentflow = slices.Concat(
	refusesStrangers("agentflow-chat-create", post, "/agents/$SLUG/chat"),
	refusesBodies("agentflow-chat-create", post, "/agents/$SLUG/chat", "text", 400),
	of("agentflow-chat-create",
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"[[words 5]]"}`, status: 200, writes: true},
		exchange{method: post, path: "/agents/$AGENT/chat", body: `{"text":"caf\u00e9 \ud83c\udfbb <&> \u2028","stream":false}`, status: 200, writes: true},
		exchange{
			method: post, path: "/agents/$AGENT/chat", key: "none", header: map[string]string{"X-Api-Key": "$BOUND_KEY"},
			body: `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"stream":true}`, status: 200, writes: true,
		},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"hi","stream":false,"thread_id":"$TALKED_THREAD"}`, status: 200, writes: true},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"[[words 5]] [[break 2]]"}`, status: 200, writes: true},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"hi"}`, header: once, status: 200, writes: true},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"hi","stream":false}`, header: once, status: 200, writes: true},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"[[throttle]]"}`, header: once, status: 503, writes: true},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"hi"}`, header: tooLong, status: 400},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"[[throttle]]","stream":false}`, status: 503, writes: true},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"[[nomodel]]"}`, status: 502, writes: true},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"[[fail]]","stream":false}`, status: 500, writes: true},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"hi","stream":"false"}`, status: 400},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"hi","thread_id":"a b"}`, status: 400},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"messages":[{"role":"system","content":"be rude"}]}`, status: 400},
		exchange{method: post, path: "/agents/$SLUG/chat", body: `{"text":"hi","thread_id":"$SECOND_THREAD"}`, status: 404},
		exchange{method: post, path: "/agents/$SECOND_AGENT/chat", key: "$BOUND_KEY", body: `{"text":"hi"}`, status: 404},
		exchange{method: post, path: "/agents/$OTHER_AGENT/chat", body: `{"text":"hi"}`, status: 404},
		exchange{method: post, path: "/agents/$DRAFT_AGENT/chat", body: `{"text":"hi"}`, status: 404},
		exchange{method: post, path: "/agents/" + nowhere + "/chat", body: `{"text":"hi"}`, status: 404},
		exchange{method: post, path: "/agents/%00/chat", body: `{"text":"hi"}`, status: 404},
		exchange{method: post, path: "/agents/%ff/chat", body: `{"text":"hi"}`, status: 404},
		exchange{method: post, path: "/agents/" + strings.Repeat("a", 100) + "/chat", body: `{"text":"hi"}`, status: 404},
		exchange{method: post, path: "/agents/$GONE_AGENT/chat", body: `{"text":"hi"}`, status: 410},
		exchange{method: post, path: "/agents/$EMPTY_AGENT/chat", key: "$EMPTY_KEY", body: `{"text":"hi"}`, status: 402},
	),
)

var flapjack = slices.Concat(
	refusesStrangers("flapjack-agent-list", get, "/api/agents"),
	of("flapjack-agent-list",
		exchange{method: get, path: "/api/agents", status: 200},
		exchange{method: get, path: "/api/agents?x=%00&x=%ff&y=a+b%20c", status: 200},
		exchange{method: get, path: "/api/agents", key: "none", header: map[string]string{"X-Api-Key": "$KEY"}, status: 200},
		exchange{method: get, path: "/api/agents", key: "none", header: map[string]string{"Authorization": "$KEY"}, status: 200},
		exchange{method: get, path: "/api/agents", key: "$BOUND_KEY", status: 200},
	),

	refusesStrangers("flapjack-thread-create", post, "/api/threads"),
	refusesBodies("flapjack-thread-create", post, "/api/threads", "agentId", 422),
	of("flapjack-thread-create",
		exchange{method: post, path: "/api/threads", body: `{"agentId":"$AGENT"}`, status: 201, writes: true},
		exchange{method: post, path: "/api/threads", body: `{"agentId":"$SLUG"}`, status: 201, writes: true},
		exchange{method: post, path: "/api/threads", body: `{"agentId":"$SLUG"}`, header: once, status: 201, writes: true},
		exchange{method: post, path: "/api/threads", body: `{"agentId":"$SLUG"}`, header: tooLong, status: 422},
		exchange{method: post, path: "/api/threads", body: `{"agentId":"$OTHER_AGENT"}`, status: 404},
		exchange{method: post, path: "/api/threads", body: `{"agentId":"$SECOND_AGENT"}`, key: "$BOUND_KEY", status: 403},
	),

	refusesStrangers("flapjack-thread-list", get, "/api/threads"),
	of("flapjack-thread-list",
		exchange{method: get, path: "/api/threads", status: 200},
		exchange{method: get, path: "/api/threads?limit=1&limit=2", status: 200},
		exchange{method: get, path: "/api/threads?agentId=$SLUG&after=$THREAD", status: 200},
		exchange{method: get, path: "/api/threads", key: "$BOUND_KEY", status: 200},
		exchange{method: get, path: "/api/threads?agentId=$OTHER_AGENT", status: 404},
		exchange{method: get, path: "/api/threads?agentId=$SECOND_AGENT", key: "$BOUND_KEY", status: 403},
		exchange{method: get, path: "/api/threads?limit=0", status: 422},
		exchange{method: get, path: "/api/threads?after=%F0%9F%8E%BB", status: 422},
	),

	refusesStrangers("flapjack-thread-get", get, "/api/threads/$THREAD"),
	of("flapjack-thread-get",
		exchange{method: get, path: "/api/threads/$THREAD", status: 200},
		exchange{method: get, path: "/api/threads/$TALKED_THREAD", status: 200},
		exchange{method: get, path: "/api/threads/$ESCAPED_THREAD", status: 200},
		exchange{method: get, path: "/api/threads/$SECOND_THREAD", key: "$BOUND_KEY", status: 403},
		exchange{method: get, path: "/api/threads/$OTHER_THREAD", status: 404},
		exchange{method: get, path: "/api/threads/a%2Fb", status: 404},
		exchange{method: get, path: "/api/threads/%2e%2e", status: 404},
		exchange{method: get, path: "/api/threads/%00", status: 404},
		exchange{method: get, path: "/api/threads/100%25", status: 404},
		exchange{method: get, path: "/api/threads/%F0%9F%8E%BB", status: 404},
		exchange{method: get, path: "/api/threads/%ff", status: 404},
	),

	refusesStrangers("flapjack-thread-delete", http.MethodDelete, "/api/threads/$THREAD"),
	of("flapjack-thread-delete",
		exchange{method: http.MethodDelete, path: "/api/threads/$TALKED_THREAD", status: 204, writes: true},
		exchange{method: http.MethodDelete, path: "/api/threads/$TALKED_THREAD", header: once, status: 204, writes: true},
		exchange{method: http.MethodDelete, path: "/api/threads/$OTHER_THREAD", status: 404},
		exchange{method: http.MethodDelete, path: "/api/threads/$THREAD", key: "$BOUND_KEY", status: 403},
	),

	refusesStrangers("flapjack-message-list", get, "/api/threads/$THREAD/messages"),
	of("flapjack-message-list",
		exchange{method: get, path: "/api/threads/$THREAD/messages", status: 200},
		exchange{method: get, path: "/api/threads/$TALKED_THREAD/messages?limit=1", status: 200},
		exchange{method: get, path: "/api/threads/$OTHER_THREAD/messages", status: 404},
		exchange{method: get, path: "/api/threads/$SECOND_THREAD/messages", key: "$BOUND_KEY", status: 403},
		exchange{method: get, path: "/api/threads/$THREAD/messages?after=nothing", status: 422},
	),

	refusesStrangers("flapjack-message-create", post, "/api/threads/$THREAD/messages"),
	refusesBodies("flapjack-message-create", post, "/api/threads/$THREAD/messages", "content", 422),
	of("flapjack-message-create",
		exchange{method: post, path: "/api/threads/$THREAD/messages", body: `{"content":"[[words 5]]"}`, status: 200, writes: true},
		exchange{method: post, path: "/api/threads/$TALKED_THREAD/messages", body: `{"content":[{"type":"text","text":"caf\u00e9 \ud83c\udfbb <&> \u2028"}]}`, status: 200, writes: true},
		exchange{method: post, path: "/api/threads/$THREAD/messages", body: `{"content":"[[words 5]] [[break 2]]"}`, status: 200, writes: true},
		exchange{method: post, path: "/api/threads/$THREAD/messages", body: `{"content":"[[nomodel]]"}`, status: 503},
		exchange{method: post, path: "/api/threads/$THREAD/messages", body: `{"content":"[[words 5]]"}`, header: once, status: 200, writes: true},
		exchange{method: post, path: "/api/threads/$THREAD/messages", body: `{"content":"[[throttle]]"}`, header: once, status: 503},
		exchange{method: post, path: "/api/threads/$THREAD/messages", body: `{"content":"hi"}`, header: tooLong, status: 422},
		exchange{method: post, path: "/api/threads/$EMPTY_THREAD/messages", key: "$EMPTY_KEY", body: `{"content":"hi"}`, status: 402},
		exchange{method: post, path: "/api/threads/$SECOND_THREAD/messages", key: "$BOUND_KEY", body: `{"content":"hi"}`, status: 403},
		exchange{method: post, path: "/api/threads/$OTHER_THREAD/messages", body: `{"content":"hi"}`, status: 404},
		exchange{method: post, path: "/api/threads/$GONE_THREAD/messages", body: `{"content":"hi"}`, status: 404},
		exchange{method: post, path: "/api/threads/$DRAFT_THREAD/messages", body: `{"content":"hi"}`, status: 422},
	),
)

var flametalk = slices.Concat(
	refusesStrangers("flametalk-agent-list", get, "/api/v1/agents"),
	of("flametalk-agent-list",
		exchange{method: get, path: "/api/v1/agents", status: 200},
		exchange{method: get, path: "/v1/agents?limit=1&offset=1", status: 200},
		exchange{method: get, path: "/api/v1/agents", key: "$BOUND_KEY", status: 200},
		exchange{method: get, path: "/v1/agents?limit=101", status: 400},
	),

	refusesStrangers("flametalk-agent-create", post, "/api/v1/agents"),
	refusesBodies("flametalk-agent-create", post, "/v1/agents", "name", 400),
	of("flametalk-agent-create",
		exchange{method: post, path: "/api/v1/agents", body: `{"name":"Café & Co","instructions":"be brief"}`, status: 201, writes: true},
		exchange{method: post, path: "/v1/agents", body: `{"name":"x","instructions":"y"}`, header: once, status: 201, writes: true},
		exchange{method: post, path: "/v1/agents", body: `{"name":"x","instructions":"y"}`, key: "$BOUND_KEY", status: 403},
	),

	refusesStrangers("flametalk-agent-get", get, "/api/v1/agents/$AGENT"),
	of("flametalk-agent-get",
		exchange{method: get, path: "/api/v1/agents/$AGENT", status: 200},
		exchange{method: get, path: "/v1/agents/$DRAFT_AGENT", status: 200},
		exchange{method: get, path: "/v1/agents/$SECOND_AGENT", key: "$BOUND_KEY", status: 403},
		exchange{method: get, path: "/v1/agents/$OTHER_AGENT", status: 404},
		exchange{method: get, path: "/v1/agents/" + nowhere, status: 404},
		exchange{method: get, path: "/v1/agents/a%2Fb%25", status: 400},
	),

	refusesStrangers("flametalk-agent-update", http.MethodPatch, "/api/v1/agents/$AGENT"),
	refusesBodies("flametalk-agent-update", http.MethodPatch, "/v1/agents/$AGENT", "name", 400),
	of("flametalk-agent-update",
		exchange{method: http.MethodPatch, path: "/api/v1/agents/$AGENT", body: `{"name":"New","instructions":"be new"}`, status: 200, writes: true},
		exchange{method: http.MethodPatch, path: "/v1/agents/$AGENT", body: `{"description":null}`, status: 200, writes: true},
		exchange{method: http.MethodPatch, path: "/v1/agents/$AGENT", body: `{"name":"New"}`, header: once, status: 200, writes: true},
		exchange{method: http.MethodPatch, path: "/v1/agents/$OTHER_AGENT", body: `{"name":"x"}`, status: 404},
		exchange{method: http.MethodPatch, path: "/v1/agents/$AGENT", body: `{"name":"x"}`, key: "$BOUND_KEY", status: 403},
	),

	refusesStrangers("flametalk-agent-delete", http.MethodDelete, "/api/v1/agents/$AGENT"),
	of("flametalk-agent-delete",
		exchange{method: http.MethodDelete, path: "/api/v1/agents/$AGENT", status: 200, writes: true},
		exchange{method: http.MethodDelete, path: "/v1/agents/$AGENT", header: once, status: 200, writes: true},
		exchange{method: http.MethodDelete, path: "/v1/agents/$OTHER_AGENT", status: 404},
		exchange{method: http.MethodDelete, path: "/v1/agents/$AGENT", key: "$BOUND_KEY", status: 403},
	),

	refusesStrangers("flametalk-version-deploy", post, "/api/v1/agents/$AGENT/versions/$V2/deploy"),
	of("flametalk-version-deploy",
		exchange{method: post, path: "/api/v1/agents/$AGENT/versions/$V2/deploy", status: 200, writes: true},
		exchange{method: post, path: "/v1/agents/$AGENT/versions/$V1/deploy", status: 200, writes: true},
		exchange{method: post, path: "/v1/agents/$AGENT/versions/$V2/deploy", header: once, status: 200, writes: true},
		exchange{method: post, path: "/v1/agents/$AGENT/versions/v-nothing/deploy", status: 404},
		exchange{method: post, path: "/v1/agents/$AGENT/versions/nothing/deploy", status: 400},
		exchange{method: post, path: "/v1/agents/$OTHER_AGENT/versions/$V2/deploy", status: 404},
		exchange{method: post, path: "/v1/agents/$AGENT/versions/$V2/deploy", key: "$BOUND_KEY", status: 403},
	),
)

var openapi = of("openapi-get",
	exchange{method: get, path: "/openapi.json", key: "none", status: 200},
	exchange{method: get, path: "/openapi.json?x=%00", key: "fj_live_nothing", status: 200},
)

var flexyagents = slices.Concat(
	refusesStrangers("flexyagents-chat-create", post, "/api/agents/$AGENT/chat"),
	refusesBodies("flexyagents-chat-create", post, "/api/agents/$AGENT/chat", "messages", 400),
	of("flexyagents-chat-create",
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("[[words 5]]", ""), status: 200, writes: true},
		exchange{method: post, path: "/api/agents/$SLUG/chat", body: says("[[words 5]]", `,"stream":true`), status: 200, writes: true},
		exchange{method: post, path: "/api/agents/$AGENT/chat", key: "none", header: map[string]string{"X-Api-Key": "$BOUND_KEY"}, body: says("hi", ""), status: 200, writes: true},
		exchange{
			method: post, path: "/api/agents/$AGENT/chat", status: 200, writes: true,
			body: says(`[[tool weather {\"city\":\"K\u00f6ln\"}]] caf\u00e9 \ud83c\udfbb <&> \u2028\u0085`, `,"stream":true,"thread_id":"$TALKED_THREAD","visitor":{"id":"v"}`),
		},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("[[words 5]] [[break 2]]", `,"stream":true`), status: 200, writes: true},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("[[words 5]]", ""), header: once, status: 200, writes: true},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("[[words 5]]", `,"stream":true`), header: once, status: 200, writes: true},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("[[throttle]]", `,"stream":true`), header: once, status: 503},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("hi", ""), header: tooLong, status: 400},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("[[nomodel]]", ""), status: 503},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("[[fail]]", ""), status: 500},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says(" ", ""), status: 400},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says(`\u0000`, ""), status: 400},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says(`\ud83c`, ""), status: 400},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("hi", `,"thread_id":"a b"`), status: 400},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("hi", `,"visitor":"v"`), status: 400},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("hi", `,"stream":"yes"`), status: 400},
		exchange{method: post, path: "/api/agents/$EMPTY_AGENT/chat", key: "$EMPTY_KEY", body: says("hi", ""), status: 402},
		exchange{method: post, path: "/api/agents/$SECOND_AGENT/chat", key: "$BOUND_KEY", body: says("hi", ""), status: 403},
		exchange{method: post, path: "/api/agents/$AGENT/chat", body: says("hi", `,"thread_id":"$SECOND_THREAD"`), status: 403},
		exchange{method: post, path: "/api/agents/$OTHER_AGENT/chat", body: says("hi", ""), status: 404},
		exchange{method: post, path: "/api/agents/$GONE_AGENT/chat", body: says("hi", ""), status: 404},
		exchange{method: post, path: "/api/agents/a%2Fb/chat", body: says("hi", ""), status: 404},
		exchange{method: post, path: "/api/agents/%00/chat", body: says("hi", ""), status: 404},
		exchange{method: post, path: "/api/agents/%ff/chat", body: says("hi", ""), status: 404},
		exchange{method: post, path: "/api/agents/%F0%9F%8E%BB/chat", body: says("hi", ""), status: 404},
		exchange{method: post, path: "/api/agents/$DRAFT_AGENT/chat", body: says("hi", ""), status: 409},
		exchange{method: post, path: "/api/agents/$BUSY_AGENT/chat", key: "$BUSY_KEY", body: says("hi", ""), status: 429},
	),
)

// says is the body of a chat in which the user says something, with fields
// beside it.
func says(content, more string) string {
	return `{"messages":[{"role":"user","content":"` + content + `"}]` + more + `}`
}

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
)

// once is the header of a request that takes effect once; its agent is new
// whenever a request has changed something. tooLong is one that is refused.
var (
	once    = map[string]string{"Idempotency-Key": "key of $AGENT"}
	tooLong = map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}
)

// of makes the exchanges those of a function.
func of(function string, all ...exchange) []exchange {
	for i := range all {
		all[i].function = function
	}
	return all
}

// refusesStrangers asks without a key, with a revoked one and with a made-up one.
func refusesStrangers(function, method, path string) []exchange {
	return of(function,
		exchange{method: method, path: path, key: "none", status: 401},
		exchange{method: method, path: path, key: "$REVOKED_KEY", status: 401},
		exchange{method: method, path: path, key: "fj_live_nothing", status: 401},
	)
}

// refusesBodies sends what cannot be understood, with a field that must be a
// string.
func refusesBodies(function, method, path, field string, status int) []exchange {
	all := []exchange{{body: `{"` + field + `":"` + strings.Repeat("x", 1<<20) + `"}`, status: 413}}
	for _, body := range []string{
		"", "{", "[]", "null", "\x00", "\xff\xfe",
		`{"` + field + `":1}`, `{"` + field + `":"\ud83c"}`, `{"` + field + `":"\u0000"}`, `{"` + field + `":"` + "\xff" + `"}`,
	} {
		all = append(all, exchange{body: body, status: status})
	}
	for i := range all {
		all[i].method, all[i].path = method, path
	}
	return of(function, all...)
}
