package contract_test

import (
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/cognito/cognitotest"
)

var manage = slices.Concat(
	of("manage-session-create", slices.Concat(
		[]exchange{
			{method: post, path: "/auth/login", key: "none", body: `{"email":"$OWNER_EMAIL","password":"` + cognitotest.Password + `"}`, status: 200, writes: true},
			{method: post, path: "/auth/login", key: "none", header: forged, body: `{"email":"$OWNER_EMAIL","password":"` + cognitotest.Password + `"}`, status: 403},
			{method: post, path: "/auth/login", key: "none", body: `{"email":"$INVITED_EMAIL","password":"Temporary, as 1 is"}`, status: 403},
			{
				method: post, path: "/auth/login", key: "none",
				body: `{"email":"$INVITED_EMAIL","password":"Temporary, as 1 is","new_password":"Mine, for good: 1"}`, status: 200, writes: true,
			},
			{method: post, path: "/auth/login", key: "none", body: `{"email":"$INVITED_EMAIL","password":"Temporary, as 1 is","new_password":"short"}`, status: 400},
			{method: post, path: "/auth/login", key: "none", body: `{"email":"$LEAVING_EMAIL","password":"` + cognitotest.Password + `"}`, status: 401},
			{method: post, path: "/auth/login", key: "none", body: `{"email":"$MEMBER_EMAIL","password":"wrong"}`, status: 401},
			{method: post, path: "/auth/login", key: "none", body: `{"email":"$MEMBER_EMAIL","password":"` + strings.Repeat("x", 300) + `"}`, status: 401},
			{method: post, path: "/auth/login", key: "none", body: `{"email":"nobody@example.com","password":"wrong"}`, status: 401},
			{method: post, path: "/auth/login", key: "none", body: `{"email":"no address","password":"wrong"}`, status: 400},
			{method: post, path: "/auth/login", key: "none", body: `{"email":"a@b.example"}`, status: 400},
		},
		anonymously(refusesBodies("manage-session-create", post, "/auth/login", "email", 400)),
	)...),

	of("manage-session-delete",
		exchange{method: post, path: "/auth/logout", key: "none", header: map[string]string{"Cookie": "af_session=$SPARE_SESSION"}, status: 200, writes: true},
		exchange{method: post, path: "/auth/logout", key: "$SPARE_SESSION", status: 200, writes: true},
		exchange{method: post, path: "/auth/logout", key: "none", status: 200},
		exchange{method: post, path: "/auth/logout", status: 200},
		exchange{method: post, path: "/auth/logout", key: "$EXPIRED_SESSION", status: 200},
		exchange{method: post, path: "/auth/logout", key: "none", header: forged, status: 403},
	),

	refusesStrangers("manage-org-get", get, "/api/v1/org"),
	of("manage-org-get",
		exchange{method: get, path: "/api/v1/org", status: 200},
		exchange{method: get, path: "/api/v1/org", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/org", key: "$BOUND_KEY", status: 403},
	),

	ownersOnly("manage-org-update", patch, "/api/v1/org/settings", `{"name":"x"}`),
	bodies("manage-org-update", patch, "/api/v1/org/settings", "name"),
	of("manage-org-update",
		exchange{
			method: patch, path: "/api/v1/org/settings", key: "$SESSION", header: once, status: 200, writes: true,
			body: `{"name":"Café","allowed_origins":["https://b.example","https://a.example","https://b.example"]}`,
		},
		exchange{method: patch, path: "/api/v1/org/settings", key: "$SESSION", body: `{"allowed_origins":[]}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/org/settings", key: "$SESSION", body: `{"allowed_origins":null,"name":null}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/org/settings", key: "$SESSION", body: `{"allowed_origins":"*"}`, status: 400},
		exchange{method: patch, path: "/api/v1/org/settings", key: "$SESSION", body: `{"allowed_origins":[null]}`, status: 400},
		exchange{method: patch, path: "/api/v1/org/settings", key: "$SESSION", body: `{"allowed_origins":["https://a.example/"]}`, status: 400},
		exchange{method: patch, path: "/api/v1/org/settings", key: "$SESSION", body: `{}`, status: 400},
		exchange{method: patch, path: "/api/v1/org/settings", key: "$SESSION", body: `{"name":"x"}`, header: tooLong, status: 400},
	),

	ownersOnly("manage-member-list", get, "/api/v1/org/members", ""),
	of("manage-member-list",
		exchange{method: get, path: "/api/v1/org/members", key: "$SOLE_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/org/members?limit=2", key: "$SESSION", status: 200},
		exchange{method: get, path: "/api/v1/org/members?limit=0", key: "$SESSION", status: 400},
		exchange{method: get, path: "/api/v1/org/members?cursor=", key: "$SESSION", status: 400},
		exchange{method: get, path: "/api/v1/org/members?cursor=%ff", key: "$SESSION", status: 400},
	),

	ownersOnly("manage-member-create", post, "/api/v1/org/members", `{"email":"x@example.com","role":"member"}`),
	bodies("manage-member-create", post, "/api/v1/org/members", "email"),
	of("manage-member-create",
		exchange{method: post, path: "/api/v1/org/members", key: "$SESSION", body: `{"email":"New-$KEY_ID@Example.com","role":"owner"}`, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/org/members", key: "$SESSION", header: once, body: `{"email":"$MEMBER_EMAIL","role":"member"}`, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/org/members", key: "$SESSION", body: `{"email":"$LEAVING_EMAIL","role":"member"}`, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/org/members", key: "$SESSION", body: `{"email":"$MEMBER_EMAIL","role":"owner"}`, status: 409},
		exchange{method: post, path: "/api/v1/org/members", key: "$SESSION", body: `{"email":"$OTHER_EMAIL","role":"owner"}`, status: 409},
		exchange{method: post, path: "/api/v1/org/members", key: "$SESSION", body: `{"email":"x@example.com","role":"god"}`, status: 400},
		exchange{method: post, path: "/api/v1/org/members", key: "$SESSION", body: `{"email":"x@example.com"}`, status: 400},
		exchange{method: post, path: "/api/v1/org/members", key: "none", header: forged, body: `{"email":"x@example.com","role":"owner"}`, status: 403},
	),

	ownersOnly("manage-member-update", patch, "/api/v1/org/members/$MEMBER", `{"role":"owner"}`),
	bodies("manage-member-update", patch, "/api/v1/org/members/$MEMBER", "role"),
	of("manage-member-update",
		exchange{method: patch, path: "/api/v1/org/members/$MEMBER", key: "$SESSION", header: once, body: `{"role":"owner"}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/org/members/$SOLE", key: "$SOLE_SESSION", body: `{"role":"member"}`, status: 409},
		exchange{method: patch, path: "/api/v1/org/members/$OTHER_USER", key: "$SESSION", body: `{"role":"member"}`, status: 404},
		exchange{method: patch, path: "/api/v1/org/members/$LEAVING", key: "$SESSION", body: `{"role":"owner"}`, status: 404},
		exchange{method: patch, path: "/api/v1/org/members/a%2Fb", key: "$SESSION", body: `{"role":"owner"}`, status: 404},
	),

	ownersOnly("manage-member-delete", remove, "/api/v1/org/members/$MEMBER", ""),
	of("manage-member-delete",
		exchange{method: remove, path: "/api/v1/org/members/$MEMBER", key: "$SESSION", header: once, status: 200, writes: true},
		exchange{method: remove, path: "/api/v1/org/members/$LEAVING", key: "$SESSION", status: 200, writes: true},
		exchange{method: remove, path: "/api/v1/org/members/$SOLE", key: "$SOLE_SESSION", status: 409},
		exchange{method: remove, path: "/api/v1/org/members/$OTHER_USER", key: "$SESSION", status: 404},
		exchange{method: remove, path: "/api/v1/org/members/%F0%9F%8E%BB", key: "$SESSION", status: 404},
	),

	refusesStrangers("manage-key-list", get, "/api/v1/api-keys"),
	of("manage-key-list",
		exchange{method: get, path: "/api/v1/api-keys?limit=3", status: 200},
		exchange{method: get, path: "/api/v1/api-keys", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/api-keys?cursor=abc", status: 400},
		exchange{method: get, path: "/api/v1/api-keys", key: "$BOUND_KEY", status: 403},
	),

	ownersOnly("manage-key-create", post, "/api/v1/api-keys", `{"name":"x"}`),
	bodies("manage-key-create", post, "/api/v1/api-keys", "name"),
	of("manage-key-create",
		exchange{method: post, path: "/api/v1/api-keys", key: "$SESSION", body: `{"name":"x"}`, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/api-keys", key: "$SESSION", body: `{"name":"x","agent_id":"$SLUG","prefix":"fx"}`, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/api-keys", key: "$SESSION", body: `{"name":"x","agent_id":"$OTHER_AGENT"}`, status: 404},
		exchange{method: post, path: "/api/v1/api-keys", key: "$SESSION", body: `{"name":"x","agent_id":""}`, status: 404},
		exchange{method: post, path: "/api/v1/api-keys", key: "$SESSION", body: `{"name":"x","prefix":"op"}`, status: 400},
	),

	ownersOnly("manage-key-delete", remove, "/api/v1/api-keys/$KEY_ID", ""),
	of("manage-key-delete",
		exchange{method: remove, path: "/api/v1/api-keys/$KEY_ID", key: "none", header: ownPage, status: 200, writes: true},
		exchange{method: remove, path: "/api/v1/api-keys/$KEY_ID", key: "$SESSION", header: once, status: 200, writes: true},
		exchange{method: remove, path: "/api/v1/api-keys/$OTHER_KEY_ID", key: "$SESSION", status: 404},
		exchange{method: remove, path: "/api/v1/api-keys/nothing", key: "$SESSION", status: 404},
	),
)
