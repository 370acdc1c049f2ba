package contract_test

import (
	"slices"
	"strings"
)

const (
	hookPath     = "/api/webhooks/automations/$HOOK"
	hashedHook   = "/api/webhooks/automations/$HASHED_HOOK"
	bearerHook   = "/api/webhooks/automations/$BEARER_HOOK"
	disabledHook = "/api/webhooks/automations/$DISABLED_HOOK"

	anOrder = `{"order":"4711","customer":{"name":"Zo\u00eb"}}`
)

var (
	aText    = with("Content-Type", "text/plain")
	byBearer = with("Authorization", "Bearer "+hookSecret)
)

// hooks are requests that start automations.
var hooks = slices.Concat(
	of("inbound-automation-create", signed(byStandard, nil,
		exchange{path: hookPath, body: anOrder, status: 202, writes: true},
		exchange{path: hookPath, body: but(anOrder, `\u00eb`, "\u00eb"), status: 202, writes: true},
		exchange{path: hookPath, body: `["any",1,null]`, status: 202, writes: true},
		exchange{path: hookPath, body: "order=4711&line=a&line=b%20c", header: aForm, status: 202, writes: true},
		exchange{path: hookPath, body: "order 4711", header: aText, status: 202, writes: true},
		exchange{path: hookPath, status: 202, writes: true},
		exchange{path: hookPath, body: "{", status: 400},
		exchange{path: hookPath, body: "\"\xff\"", status: 400}, // in base64, in an event
		exchange{path: hookPath, body: strings.Repeat("[", 201) + strings.Repeat("]", 201), status: 400},
		exchange{path: hookPath, body: strings.Repeat("x", 256<<10+1), status: 413},
		exchange{path: hookPath, body: strings.Repeat("\x01", 256<<10), header: aText, status: 413},
		exchange{path: hookPath, body: anOrder, header: with("Content-Encoding", "gzip"), status: 415},
		exchange{path: hashedHook, body: anOrder, status: 401},
		exchange{path: bearerHook, body: anOrder, status: 401},
		exchange{path: "/api/webhooks/automations/hook-" + nowhere, body: anOrder, status: 404},
		exchange{path: "/api/webhooks/automations/x", body: anOrder, status: 404},
	)...),
	of("inbound-automation-create", signed(byHash, nil,
		exchange{path: hashedHook, body: anOrder, status: 202, writes: true},
		exchange{path: hashedHook, body: anOrder, header: once, status: 202, writes: true},
		exchange{path: hashedHook, body: usedBody, header: with("Idempotency-Key", takenKey), status: 202},
		exchange{path: hashedHook, body: anOrder, header: with("Idempotency-Key", takenKey), status: 409},
		exchange{path: hashedHook, body: anOrder, header: tooLong, status: 400},
		exchange{path: disabledHook, body: anOrder, status: 404},
	)...),
	of("inbound-automation-create", signed(nil, byBearer,
		exchange{path: bearerHook, body: anOrder, status: 202, writes: true},
		exchange{path: bearerHook, body: anOrder, header: with("Authorization", "Bearer "+hookSecret+"x"), status: 401},
		exchange{path: bearerHook, body: anOrder, header: with("Authorization", "Basic dTpw"), status: 401},
		exchange{path: hookPath, body: anOrder, status: 401},
		exchange{path: disabledHook, body: anOrder, status: 401},
	)...),
	of("inbound-automation-create", signed(nil, nil,
		exchange{path: hookPath, body: anOrder, status: 401},
		exchange{path: hookPath, body: anOrder, header: map[string]string{"webhook-id": "msg_1", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, status: 401},
		exchange{path: hashedHook, body: anOrder, header: with("X-Signature", "sha256="+strings.Repeat("0", 64)), status: 401},
		exchange{path: bearerHook, status: 401},
	)...),
)
