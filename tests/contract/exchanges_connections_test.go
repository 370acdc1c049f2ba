package contract_test

import (
	"slices"
	"strings"
)

// A connection of each channel, and of mail for each provider.
const (
	aWhatsApp  = `{"type":"whatsapp","agent_id":"$AGENT","name":" Shop ","credentials":{"phone_number_id":"106540352242922","access_token":"EAAG","app_secret":"5f2b","verify_token":"v"}}`
	anInsta    = `{"type":"instagram","agent_id":"$SLUG","name":"Shop","credentials":{"account_id":"17841400000000000","access_token":"IGAA","app_secret":"5f2b","verify_token":"v"},"settings":{"quiet_seconds":0}}`
	aMessenger = `{"type":"messenger","agent_id":"$AGENT","name":"Shop","credentials":{"page_id":"1","access_token":"EAAG","app_secret":"5f2b","verify_token":"v"},"settings":null}`
	aTwilio    = `{"type":"twilio","agent_id":"$AGENT","name":"Shop","credentials":{"account_sid":"AC00000000000000000000000000000000","auth_token":"t","from":"whatsapp:+15551234567"},` +
		`"settings":{"fallback_template":{"content_sid":"HX00000000000000000000000000000000","content_variables":{"1":"Ann","shop":"Käse & mehr"}},"public_url":"https://chat.example.com/"}}`
	aSendGrid = `{"type":"email","agent_id":"$AGENT","name":"Help","credentials":{"provider":"sendgrid","address":"help@example.com","signing_key":"k"}}`
	aMailgun  = `{"type":"email","agent_id":"$AGENT","name":"Help","credentials":{"provider":"mailgun","address":"help@example.com","signing_key":"k"}}`
	aPostmark = `{"type":"email","agent_id":"$AGENT","name":"Help","credentials":{"provider":"postmark","address":"help@example.com","username":"u","password":"p"}}`
	anSES     = `{"type":"email","agent_id":"$AGENT","name":"Help","credentials":{"provider":"ses","address":"help@example.com","topic_arn":"arn:aws:sns:us-east-1:123456789012:mail"}}`
)

// but replaces a part of a body.
func but(body, old, fresh string) string {
	if !strings.Contains(body, old) {
		panic(old + " is not in " + body)
	}
	return strings.Replace(body, old, fresh, 1)
}

// refused are exchanges whose bodies are all invalid.
func refused(function, method, path string, bodies ...string) []exchange {
	all := make([]exchange, 0, len(bodies))
	for _, body := range bodies {
		all = append(all, exchange{method: method, path: path, body: body, status: 400})
	}
	return of(function, all...)
}

const (
	aRotation       = `{"credentials":{"access_token":"EAAH"}}`
	connectionPath  = "/api/v1/connections/$CONNECTION"
	rotationPath    = connectionPath + "/rotate-credentials"
	otherConnection = "/api/v1/connections/$OTHER_CONNECTION"
)

var connections = slices.Concat(
	managers("manage-connection-list", get, "/api/v1/connections", ""),
	of("manage-connection-list",
		exchange{method: get, path: "/api/v1/connections?limit=1", status: 200},
		exchange{method: get, path: "/api/v1/connections", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/connections?limit=101", status: 400},
		exchange{method: get, path: "/api/v1/connections?cursor=x", status: 400},
	),

	managers("manage-connection-create", post, "/api/v1/connections", aWhatsApp),
	refusesBodies("manage-connection-create", post, "/api/v1/connections", "type", 400),
	of("manage-connection-create",
		exchange{method: post, path: "/api/v1/connections", body: aWhatsApp, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: anInsta, header: once, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: aMessenger, key: "$MEMBER_SESSION", status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: aTwilio, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: but(aTwilio, `"t"`, `"t","secondary_auth_token":"u","signing_key_id":"webhooks_sharedkey_1","signing_key":"k"`), status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: aSendGrid, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: aMailgun, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: aPostmark, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: anSES, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/connections", body: but(aWhatsApp, "$AGENT", "$FULL_AGENT"), key: "$FULL_CONNECTIONS_KEY", status: 409},
		exchange{method: post, path: "/api/v1/connections", body: but(aWhatsApp, "$AGENT", "$OTHER_AGENT"), status: 404},
		exchange{method: post, path: "/api/v1/connections", body: but(aWhatsApp, "$AGENT", "$GONE_AGENT"), status: 404},
		exchange{method: post, path: "/api/v1/connections", body: but(aWhatsApp, "$AGENT", "no agent"), status: 404},
	),
	refused("manage-connection-create", post, "/api/v1/connections",
		but(aTwilio, `"1":"Ann"`, `"1":"two\nlines"`),
		but(aTwilio, `"1":"Ann"`, `"1":7`),
		but(aTwilio, `"1":"Ann"`, `"first name":"Ann"`),
		but(aTwilio, `{"1":"Ann","shop":"Käse & mehr"}`, `{}`),
		but(aTwilio, `{"1":"Ann","shop":"Käse & mehr"}`, `"1"`),
		but(aWhatsApp, "whatsapp", "telegram"),
		but(aWhatsApp, " Shop ", " "),
		but(aWhatsApp, " Shop ", strings.Repeat("x", 101)),
		but(aWhatsApp, `"phone_number_id":"106540352242922",`, ""),
		but(aWhatsApp, `"106540352242922"`, `106540352242922`),
		but(aWhatsApp, `"EAAG"`, `"EA AG"`),
		but(aWhatsApp, `"EAAG"`, `"`+strings.Repeat("x", 2001)+`"`),
		but(aWhatsApp, `"v"}`, `"v"},"settings":{"quiet_seconds":31}`),
		but(aWhatsApp, `"v"}`, `"v"},"settings":{"quiet_seconds":-1}`),
		but(aWhatsApp, `"v"}`, `"v"},"settings":{"unsupported_text":" "}`),
		but(aWhatsApp, `"v"}`, `"v"},"settings":{"fallback_template":{"name":"We are back","language":"en"}}`),
		but(aWhatsApp, `"v"}`, `"v"},"settings":{"fallback_template":{"name":"back"}}`),
		but(aWhatsApp, `"v"}`, `"v"},"settings":{}`),
		but(aMessenger, "null", `{"fallback_template":{"name":"back","language":"en"}}`),
		but(aTwilio, "https:", "http:"),
		but(aTwilio, "AC0", "ACx"),
		but(aTwilio, `"t"`, `"t","signing_key":""`),
		but(aSendGrid, "sendgrid", "sendmail"),
		but(aSendGrid, "help@", "Help <help@"),
		but(aPostmark, `"username":"u",`, ""),
		but(anSES, ":sns:", ":sqs:"),
	),

	managers("manage-connection-get", get, connectionPath, ""),
	of("manage-connection-get",
		exchange{method: get, path: connectionPath, status: 200},
		exchange{method: get, path: "/api/v1/connections/$REFUSED_CONNECTION", status: 200},
		exchange{method: get, path: "/api/v1/connections/$ORPHAN", status: 200},
		exchange{method: get, path: otherConnection, status: 404},
		exchange{method: get, path: "/api/v1/connections/nothing", status: 404},
	),

	managers("manage-connection-update", patch, connectionPath, `{"status":"disabled"}`),
	refusesBodies("manage-connection-update", patch, connectionPath, "name", 400),
	of("manage-connection-update",
		exchange{method: patch, path: connectionPath, body: `{"status":"disabled"}`, header: once, status: 200, writes: true},
		exchange{method: patch, path: connectionPath, body: `{"status":"active","name":"Other","agent_id":"$SECOND_AGENT"}`, status: 200, writes: true},
		exchange{method: patch, path: connectionPath, body: `{"settings":{"quiet_seconds":5,"unsupported_text":"Text only.","fallback_template":{"name":"back","language":"en_US"},"public_url":"https://a.example"}}`, status: 200, writes: true},
		exchange{method: patch, path: connectionPath, body: `{"settings":{"quiet_seconds":null,"unsupported_text":null,"fallback_template":null,"public_url":null}}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/connections/$ORPHAN", body: `{"status":"active","agent_id":"$AGENT"}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/connections/$ORPHAN", body: `{"status":"active"}`, status: 409},
		exchange{method: patch, path: connectionPath, body: `{"agent_id":"$OTHER_AGENT"}`, status: 404},
		exchange{method: patch, path: otherConnection, body: `{"status":"disabled"}`, status: 404},
		exchange{method: patch, path: "/api/v1/connections/nothing", body: `{"status":"disabled"}`, status: 404},
	),
	refused("manage-connection-update", patch, connectionPath,
		`{"status":"needs_attention"}`, `{"status":null}`, `{}`, `{"settings":{}}`, `{"settings":{"fallback_template":{"content_sid":"HX"}}}`, `{"name":" "}`,
	),

	managers("manage-connection-delete", remove, connectionPath, ""),
	of("manage-connection-delete",
		exchange{method: remove, path: connectionPath, header: once, status: 200, writes: true},
		exchange{method: remove, path: otherConnection, status: 404},
		exchange{method: remove, path: "/api/v1/connections/nothing", status: 404},
	),

	managers("manage-connection-rotate", post, rotationPath, aRotation),
	refusesBodies("manage-connection-rotate", post, rotationPath, "credentials", 400),
	of("manage-connection-rotate",
		exchange{method: post, path: rotationPath, body: aRotation, header: once, status: 200, writes: true},
		exchange{method: post, path: "/api/v1/connections/$REFUSED_CONNECTION/rotate-credentials", body: `{"credentials":{"access_token":"a","app_secret":"b","verify_token":"c"}}`, status: 200, writes: true},
		exchange{method: post, path: "/api/v1/connections/$SES_CONNECTION/rotate-credentials", body: aRotation, status: 409},
		exchange{method: post, path: otherConnection + "/rotate-credentials", body: aRotation, status: 404},
		exchange{method: post, path: "/api/v1/connections/nothing/rotate-credentials", body: aRotation, status: 404},
	),
	refused("manage-connection-rotate", post, rotationPath,
		`{}`, `{"credentials":{}}`, `{"credentials":{"access_token":null}}`, `{"credentials":{"access_token":""}}`,
		`{"credentials":{"phone_number_id":"2","access_token":"a"}}`, `{"credentials":{"auth_token":"a"}}`,
	),

	managers("manage-connection-verify", post, connectionPath+"/verify", ""),
	of("manage-connection-verify",
		exchange{method: post, path: connectionPath + "/verify", header: once, status: 200, writes: true},
		exchange{method: post, path: "/api/v1/connections/$SES_CONNECTION/verify", status: 200, writes: true},
		exchange{method: post, path: "/api/v1/connections/$TWILIO_CONNECTION/verify", status: 200, writes: true},
		exchange{method: post, path: otherConnection + "/verify", status: 404},
		exchange{method: post, path: "/api/v1/connections/nothing/verify", status: 404},
	),
)
