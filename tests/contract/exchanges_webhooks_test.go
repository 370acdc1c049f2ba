package contract_test

import (
	"slices"
	"strings"
)

const aWebhook = `{"url":"http://127.0.0.1:1/hook","events":["turn.completed","message.created","turn.completed"],"description":" shop "}`

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
)
