package contract_test

import (
	"slices"
	"strings"
)

const aWebhook = `{"url":"http://127.0.0.1:1/hook","events":["turn.completed","message.created","turn.completed"],"description":" shop "}`

const allTimes = `{"from":"2000-01-01T00:00:00Z","to":"2999-12-31T23:59:59.999Z"}`

var webhooks = slices.Concat(
	managers("manage-webhook-list", get, "/api/v1/webhooks", ""),
	of("manage-webhook-list",
		exchange{method: get, path: "/api/v1/webhooks?limit=1", status: 200},
		exchange{method: get, path: "/api/v1/webhooks", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/webhooks?limit=101", status: 400},
	),

	managers("manage-webhook-create", post, "/api/v1/webhooks", aWebhook),
	refusesBodies("manage-webhook-create", post, "/api/v1/webhooks", "url", 400),
	of("manage-webhook-create",
		exchange{method: post, path: "/api/v1/webhooks", body: aWebhook, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/webhooks", body: aWebhook, header: once, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/webhooks", key: "$MEMBER_SESSION", body: `{"url":"http://127.0.0.1:1/","events":["credits.low"],"description":null}`, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/webhooks", key: "$FULL_WEBHOOKS_KEY", body: aWebhook, status: 409},
		exchange{method: post, path: "/api/v1/webhooks", body: `{"url":"http://10.0.0.1/","events":["credits.low"]}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks", body: `{"url":"ftp://127.0.0.1/","events":["credits.low"]}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks", body: `{"url":"http://127.0.0.1:1/","events":["credits.gone"]}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks", body: `{"url":"http://127.0.0.1:1/","events":[]}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks", body: `{"url":"http://127.0.0.1:1/","events":"credits.low"}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks", body: `{"url":"http://127.0.0.1:1/"}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks", body: `{"url":"http://127.0.0.1:1/","events":["credits.low"],"description":"` + strings.Repeat("x", 501) + `"}`, status: 400},
	),

	managers("manage-webhook-get", get, "/api/v1/webhooks/$WEBHOOK", ""),
	of("manage-webhook-get",
		exchange{method: get, path: "/api/v1/webhooks/$WEBHOOK", status: 200},
		exchange{method: get, path: "/api/v1/webhooks/$OTHER_WEBHOOK", status: 404},
		exchange{method: get, path: "/api/v1/webhooks/nothing", status: 404},
	),

	managers("manage-webhook-update", patch, "/api/v1/webhooks/$WEBHOOK", `{"status":"disabled"}`),
	refusesBodies("manage-webhook-update", patch, "/api/v1/webhooks/$WEBHOOK", "url", 400),
	of("manage-webhook-update",
		exchange{method: patch, path: "/api/v1/webhooks/$WEBHOOK", body: `{"status":"disabled"}`, header: once, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/webhooks/$WEBHOOK", body: `{"status":"enabled","url":"http://127.0.0.1:2/","events":["turn.failed"],"description":null}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/webhooks/$WEBHOOK", body: `{"status":"paused"}`, status: 400},
		exchange{method: patch, path: "/api/v1/webhooks/$WEBHOOK", body: `{"url":"http://[::1]/"}`, status: 400},
		exchange{method: patch, path: "/api/v1/webhooks/$WEBHOOK", body: `{"status":null}`, status: 400},
		exchange{method: patch, path: "/api/v1/webhooks/$OTHER_WEBHOOK", body: `{"status":"disabled"}`, status: 404},
		exchange{method: patch, path: "/api/v1/webhooks/nothing", body: `{"status":"disabled"}`, status: 404},
	),

	managers("manage-webhook-delete", remove, "/api/v1/webhooks/$WEBHOOK", ""),
	of("manage-webhook-delete",
		exchange{method: remove, path: "/api/v1/webhooks/$WEBHOOK", header: once, status: 200, writes: true},
		exchange{method: remove, path: "/api/v1/webhooks/$OTHER_WEBHOOK", status: 404},
		exchange{method: remove, path: "/api/v1/webhooks/nothing", status: 404},
	),

	managers("manage-webhook-rotate", post, "/api/v1/webhooks/$WEBHOOK/rotate-secret", ""),
	of("manage-webhook-rotate",
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/rotate-secret", header: once, status: 200, writes: true},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/rotate-secret", status: 200, writes: true},
		exchange{method: post, path: "/api/v1/webhooks/$OTHER_WEBHOOK/rotate-secret", status: 404},
		exchange{method: post, path: "/api/v1/webhooks/nothing/rotate-secret", status: 404},
	),

	managers("manage-webhook-test", post, "/api/v1/webhooks/$WEBHOOK/test", ""),
	of("manage-webhook-test",
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/test", header: once, status: 202, writes: true},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/test", status: 202, writes: true},
		exchange{method: post, path: "/api/v1/webhooks/$CLOSED_WEBHOOK/test", status: 409},
		exchange{method: post, path: "/api/v1/webhooks/$OTHER_WEBHOOK/test", status: 404},
		exchange{method: post, path: "/api/v1/webhooks/nothing/test", status: 404},
	),

	managers("manage-delivery-list", get, "/api/v1/webhooks/$WEBHOOK/deliveries", ""),
	of("manage-delivery-list",
		exchange{method: get, path: "/api/v1/webhooks/$WEBHOOK/deliveries?limit=1", status: 200},
		exchange{method: get, path: "/api/v1/webhooks/$CLOSED_WEBHOOK/deliveries", status: 200},
		exchange{method: get, path: "/api/v1/webhooks/$WEBHOOK/deliveries?cursor=x", status: 400},
		exchange{method: get, path: "/api/v1/webhooks/$OTHER_WEBHOOK/deliveries", status: 404},
		exchange{method: get, path: "/api/v1/webhooks/nothing/deliveries", status: 404},
	),

	managers("manage-delivery-replay", post, "/api/v1/webhooks/$WEBHOOK/deliveries/$DELIVERY/replay", ""),
	of("manage-delivery-replay",
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/$DELIVERY/replay", header: once, status: 202, writes: true},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/$DELIVERY/replay", status: 202, writes: true},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/$BUSY_DELIVERY/replay", status: 409},
		exchange{method: post, path: "/api/v1/webhooks/$CLOSED_WEBHOOK/deliveries/$DELIVERY/replay", status: 409},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/" + nowhere + "/replay", status: 404},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/nothing/replay", status: 404},
		exchange{method: post, path: "/api/v1/webhooks/$OTHER_WEBHOOK/deliveries/$DELIVERY/replay", status: 404},
		exchange{method: post, path: "/api/v1/webhooks/nothing/deliveries/$DELIVERY/replay", status: 404},
	),

	managers("manage-range-replay", post, "/api/v1/webhooks/$WEBHOOK/deliveries/replay", allTimes),
	refusesBodies("manage-range-replay", post, "/api/v1/webhooks/$WEBHOOK/deliveries/replay", "from", 400),
	of("manage-range-replay",
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/replay", body: allTimes, header: once, status: 202, writes: true},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/replay", body: `{"from":"2026-01-01T00:00:00+01:00","to":"2026-01-01T00:00:00Z"}`, status: 202, writes: true},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/replay", body: `{"from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:00:00Z"}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/replay", body: `{"from":"2026-01-01","to":"2026-01-01T00:00:00Z"}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks/$WEBHOOK/deliveries/replay", body: `{"from":"2026-01-01T00:00:00Z"}`, status: 400},
		exchange{method: post, path: "/api/v1/webhooks/$CLOSED_WEBHOOK/deliveries/replay", body: allTimes, status: 409},
		exchange{method: post, path: "/api/v1/webhooks/$OTHER_WEBHOOK/deliveries/replay", body: allTimes, status: 404},
		exchange{method: post, path: "/api/v1/webhooks/nothing/deliveries/replay", body: allTimes, status: 404},
	),
)
