package contract_test

import (
	"slices"
	"strings"
)

const (
	chatPath    = "/api/v1/threads/$CHAT_THREAD"
	plainPath   = "/api/v1/threads/$TALKED_THREAD"
	otherChat   = "/api/v1/threads/$OTHER_CHAT_THREAD"
	contactPath = "/api/v1/contacts/$CONTACT"
	aWord       = `{"content":"Your parcel left today."}`
)

var threads = slices.Concat(
	managers("manage-thread-list", get, "/api/v1/threads", ""),
	of("manage-thread-list",
		exchange{method: get, path: "/api/v1/threads?limit=1", status: 200},
		exchange{method: get, path: "/api/v1/threads", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: "/api/v1/threads?agent_id=$SLUG", status: 200},
		exchange{method: get, path: "/api/v1/threads?agent_id=$SECOND_AGENT&channel=whatsapp&contact_id=$CONTACT&handed_over=false&from=2026-01-01&to=2999-12-31", status: 200},
		exchange{method: get, path: "/api/v1/threads?handed_over=true", status: 200},
		exchange{method: get, path: "/api/v1/threads?agent_id=$OTHER_AGENT", status: 404},
		exchange{method: get, path: "/api/v1/threads?agent_id=", status: 400},
		exchange{method: get, path: "/api/v1/threads?channel=Whats%20App", status: 400},
		exchange{method: get, path: "/api/v1/threads?contact_id=1", status: 400},
		exchange{method: get, path: "/api/v1/threads?handed_over=yes", status: 400},
		exchange{method: get, path: "/api/v1/threads?from=today", status: 400},
		exchange{method: get, path: "/api/v1/threads?from=2026-01-02&to=2026-01-01", status: 400},
		exchange{method: get, path: "/api/v1/threads?limit=101", status: 400},
		exchange{method: get, path: "/api/v1/threads?cursor=x", status: 400},
	),

	managers("manage-thread-get", get, chatPath, ""),
	of("manage-thread-get",
		exchange{method: get, path: chatPath, status: 200},
		exchange{method: get, path: plainPath, status: 200},
		exchange{method: get, path: otherChat, status: 404},
		exchange{method: get, path: "/api/v1/threads/$GONE_THREAD", status: 200},
		exchange{method: get, path: "/api/v1/threads/no%20thread", status: 404},
	),

	managers("manage-thread-update", patch, chatPath, `{"handed_over":true}`),
	refusesBodies("manage-thread-update", patch, chatPath, "title", 400),
	of("manage-thread-update",
		exchange{method: patch, path: chatPath, body: `{"handed_over":true}`, header: once, status: 200, writes: true},
		exchange{method: patch, path: chatPath, body: `{"handed_over":false,"title":" A  customer "}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/threads/$TWILIO_THREAD", body: `{"handed_over":false}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/threads/$MAIL_THREAD", body: `{"handed_over":false}`, status: 200, writes: true},
		exchange{method: patch, path: plainPath, body: `{"title":"A customer"}`, status: 200, writes: true},
		exchange{method: patch, path: plainPath, body: `{"handed_over":true}`, status: 409},
		exchange{method: patch, path: otherChat, body: `{"handed_over":true}`, status: 404},
		exchange{method: patch, path: "/api/v1/threads/no%20thread", body: `{"handed_over":true}`, status: 404},
	),
	refused("manage-thread-update", patch, chatPath, `{}`, `{"handed_over":null}`, `{"handed_over":"true"}`, `{"title":" "}`, `{"title":"`+strings.Repeat("x", 81)+`"}`),

	managers("manage-message-list", get, chatPath+"/messages", ""),
	of("manage-message-list",
		exchange{method: get, path: chatPath + "/messages", status: 200},
		exchange{method: get, path: plainPath + "/messages?limit=1", status: 200},
		exchange{method: get, path: "/api/v1/threads/$THREAD/messages", status: 200},
		exchange{method: get, path: chatPath + "/messages?limit=0", status: 400},
		exchange{method: get, path: chatPath + "/messages?cursor=x", status: 400},
		exchange{method: get, path: otherChat + "/messages", status: 404},
		exchange{method: get, path: "/api/v1/threads/no%20thread/messages", status: 404},
	),

	managers("manage-message-create", post, chatPath+"/messages", aWord),
	refusesBodies("manage-message-create", post, chatPath+"/messages", "content", 400),
	of("manage-message-create",
		exchange{method: post, path: chatPath + "/messages", body: aWord, header: once, status: 201, writes: true},
		exchange{method: post, path: chatPath + "/messages", body: `{"content":"` + strings.Repeat(`\"`, 128<<10) + `"}`, header: once, status: 201, writes: true},
		exchange{method: post, path: chatPath + "/messages", body: `{"content":"` + strings.Repeat(`\u0001`, 128<<10) + `"}`, header: once, status: 400},
		exchange{method: post, path: chatPath + "/messages", body: `{"content":[{"type":"text","text":"Hello"}]}`, key: "$MEMBER_SESSION", status: 201, writes: true},
		exchange{method: post, path: "/api/v1/threads/$TWILIO_THREAD/messages", body: aWord, status: 201, writes: true},
		exchange{method: post, path: "/api/v1/threads/$MAIL_THREAD/messages", body: aWord, status: 201, writes: true},
		exchange{method: post, path: plainPath + "/messages", body: aWord, status: 409},
		exchange{method: post, path: "/api/v1/threads/$SILENT_THREAD/messages", body: aWord, status: 409},
		exchange{method: post, path: "/api/v1/threads/$OPTED_OUT_THREAD/messages", body: aWord, status: 409},
		exchange{method: post, path: otherChat + "/messages", body: aWord, status: 404},
		exchange{method: post, path: "/api/v1/threads/no%20thread/messages", body: aWord, status: 404},
	),
	refused("manage-message-create", post, chatPath+"/messages", `{}`, `{"content":" "}`, `{"content":null}`, `{"content":"`+strings.Repeat("x", 128<<10+1)+`"}`),

	managers("manage-contact-get", get, contactPath, ""),
	of("manage-contact-get",
		exchange{method: get, path: contactPath, status: 200},
		exchange{method: get, path: "/api/v1/contacts/$SILENT_CONTACT", status: 200},
		exchange{method: get, path: "/api/v1/contacts/$OTHER_CONTACT", status: 404},
		exchange{method: get, path: "/api/v1/contacts/nothing", status: 404},
	),

	managers("manage-contact-update", patch, contactPath, `{"opted_out":true}`),
	refusesBodies("manage-contact-update", patch, contactPath, "name", 400),
	of("manage-contact-update",
		exchange{method: patch, path: contactPath, body: `{"opted_out":true}`, header: once, status: 200, writes: true},
		exchange{method: patch, path: contactPath, body: `{"opted_out":false,"name":" Ann "}`, status: 200, writes: true},
		exchange{method: patch, path: "/api/v1/contacts/$OTHER_CONTACT", body: `{"opted_out":true}`, status: 404},
		exchange{method: patch, path: "/api/v1/contacts/nothing", body: `{"opted_out":true}`, status: 404},
	),
	refused("manage-contact-update", patch, contactPath, `{}`, `{"name":null}`, `{"name":" "}`, `{"opted_out":1}`, `{"name":"`+strings.Repeat("x", 101)+`"}`),
)
