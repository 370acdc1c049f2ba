package meta_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
)

// number is the phone number id of the tests, and sheena the person who writes to it.
const number = "106540352242922"

var (
	sheena = channel.Person{Address: "16505551234", UserID: "US.13491208655302741918", Name: "Sheena Nelson", Username: "sheena"}
	noon   = time.Unix(1749416383, 0).UTC()
)

// change returns a body with one change of a field.
func change(field, value string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","time":1749416390,"changes":[{"field":"` + field + `","value":` + value + `}]}]}`
}

// contact is the entry of sheena among the contacts of a change.
const contact = `{"profile":{"name":"Sheena Nelson","username":"sheena"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}`

// news returns the value of a change with the members of a number's own.
func news(members string) string {
	return `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"` + number + `"},` + members + `}`
}

// from returns the body of one message of sheena.
func from(members string) string {
	return change("messages", news(`"contacts":[`+contact+`],"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.A","timestamp":"1749416383",`+members+`}]`))
}

// parse returns the updates of a body.
func parse(t *testing.T, body string) []channel.Update {
	t.Helper()
	updates, err := meta.Parse([]byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return updates
}

// only returns the only update of a body.
func only(t *testing.T, body string) channel.Update {
	t.Helper()
	updates := parse(t, body)
	if len(updates) != 1 {
		t.Fatalf("%s: got %d updates, want 1: %+v", body, len(updates), updates)
	}
	return updates[0]
}

func TestParse_WhatsAppMessages(t *testing.T) {
	for name, c := range map[string]struct {
		members string
		want    channel.Inbound
	}{
		"text":                {`"type":"text","text":{"body":" Grüße 👩‍👩‍👧\n"}`, channel.Inbound{Type: "text", Handling: channel.Answer, Text: " Grüße 👩‍👩‍👧\n"}},
		"escaped text":        {`"type":"text","text":{"body":"Gr\u00fc\u00dfe \ud83d\ude00"}`, channel.Inbound{Type: "text", Handling: channel.Answer, Text: "Grüße 😀"}},
		"empty text":          {`"type":"text","text":{"body":" \n"}`, channel.Inbound{Type: "text", Handling: channel.Record, Text: "[empty message]"}},
		"text without a body": {`"type":"text"`, channel.Inbound{Type: "text", Handling: channel.Record, Text: "[empty message]"}},
		"number as text":      {`"type":"text","text":{"body":12.50}`, channel.Inbound{Type: "text", Handling: channel.Answer, Text: "12.50"}},
		"reply": {
			`"type":"text","text":{"body":"yes"},"context":{"from":"15550783881","id":"wamid.B"}`,
			channel.Inbound{Type: "text", Handling: channel.Answer, Text: "yes", ReplyTo: "wamid.B"},
		},
		"forwarded": {
			`"type":"text","text":{"body":"look"},"context":{"forwarded":true,"frequently_forwarded":true}`,
			channel.Inbound{Type: "text", Handling: channel.Answer, Text: "look"},
		},
		"about a product": {
			`"type":"text","text":{"body":"in blue?"},"context":{"from":"15550783881","id":"wamid.B","referred_product":{"catalog_id":"9","product_retailer_id":"sku-7"}}`,
			channel.Inbound{Type: "text", Handling: channel.Answer, Text: "[about the product: sku-7]\nin blue?", ReplyTo: "wamid.B"},
		},
		"from an ad": {
			`"type":"text","text":{"body":"hi"},"referral":{"source_url":"https://fb.me/x","source_id":"1","source_type":"ad","headline":"Summer","body":"Half price","ctwa_clid":"c"}`,
			channel.Inbound{Type: "text", Handling: channel.Answer, Text: "[came from the ad: Summer, Half price, https://fb.me/x]\nhi"},
		},
		"image": {
			`"type":"image","image":{"id":"111","mime_type":"image/jpeg","sha256":"SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=","caption":"this one","url":"https://lookaside.fbsbx.com/1"}`,
			channel.Inbound{Type: "image", Handling: channel.Answer, Text: "[image]\nthis one", Media: []channel.Media{{Type: "image", ID: "111", URL: "https://lookaside.fbsbx.com/1", ContentType: "image/jpeg", SHA256: "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="}}},
		},
		"image with a hash in hex": {
			`"type":"image","image":{"id":"111","sha256":"00ff"}`,
			channel.Inbound{Type: "image", Handling: channel.Answer, Text: "[image]", Media: []channel.Media{{Type: "image", ID: "111", SHA256: "AP8="}}},
		},
		"image without a file": {`"type":"image","image":{"caption":"this one"}`, channel.Inbound{Type: "image", Handling: channel.Decline, Text: "[image]\nthis one"}},
		"voice message": {
			`"type":"audio","audio":{"id":"112","mime_type":"audio/ogg; codecs=opus","voice":true}`,
			channel.Inbound{Type: "audio", Handling: channel.Decline, Text: "[voice message]", Media: []channel.Media{{Type: "voice", ID: "112", ContentType: "audio/ogg; codecs=opus"}}},
		},
		"audio": {
			`"type":"audio","audio":{"id":"112","voice":false}`,
			channel.Inbound{Type: "audio", Handling: channel.Decline, Text: "[audio]", Media: []channel.Media{{Type: "audio", ID: "112"}}},
		},
		"video": {
			`"type":"video","video":{"id":"113","caption":"see"}`,
			channel.Inbound{Type: "video", Handling: channel.Decline, Text: "[video]\nsee", Media: []channel.Media{{Type: "video", ID: "113"}}},
		},
		"document": {
			`"type":"document","document":{"id":"114","filename":"invoice.pdf","mime_type":"application/pdf","caption":"please pay"}`,
			channel.Inbound{Type: "document", Handling: channel.Decline, Text: "[document: invoice.pdf]\nplease pay", Media: []channel.Media{{Type: "document", ID: "114", Name: "invoice.pdf", ContentType: "application/pdf"}}},
		},
		"sticker": {
			`"type":"sticker","sticker":{"id":"115","mime_type":"image/webp","animated":true}`,
			channel.Inbound{Type: "sticker", Handling: channel.Decline, Text: "[sticker]", Media: []channel.Media{{Type: "sticker", ID: "115", ContentType: "image/webp"}}},
		},
		"file that is too large": {
			`"type":"document","document":{"id":"116"},"errors":[{"code":131052,"title":"Media download error","error_data":{"details":"The file is larger than 100 MB"}}]`,
			channel.Inbound{Type: "document", Handling: channel.Decline, Text: "[document: The file is larger than 100 MB]", Media: []channel.Media{{Type: "document", ID: "116"}}},
		},
		"location": {
			`"type":"location","location":{"latitude":37.4847483695049,"longitude":"-122.1473373086664","name":"Cafe","address":"1 Main St","url":"https://c.example"}`,
			channel.Inbound{Type: "location", Handling: channel.Answer, Text: "[location]\nCafe\n1 Main St\n37.4847483695049, -122.1473373086664\nhttps://c.example"},
		},
		"contacts": {
			`"type":"contacts","contacts":[{"name":{"formatted_name":"Jo Doe"},"org":{"company":"Acme"},"phones":[{"phone":"+1 650","wa_id":"1650"},{"wa_id":"1651"}],"emails":[{"email":"jo@a.example"}]},{"name":{"formatted_name":"Al"}},5]`,
			channel.Inbound{Type: "contacts", Handling: channel.Answer, Text: "[contact]\nJo Doe\nAcme\n+1 650\n1651\njo@a.example\n[contact]\nAl\n[contact]"},
		},
		"button reply": {
			`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"b1","title":"Yes please"}},"context":{"id":"wamid.B"}`,
			channel.Inbound{Type: "interactive", Handling: channel.Answer, Text: "Yes please", ReplyTo: "wamid.B"},
		},
		"list reply": {
			`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"l1","title":"Express","description":"1 day"}}`,
			channel.Inbound{Type: "interactive", Handling: channel.Answer, Text: "Express\n1 day"},
		},
		"form": {
			`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"flow_token\":\"t0ken\",\"name\":\"Jo\",\"guests\":3,\"days\":[\"mon\"]}"}}`,
			channel.Inbound{Type: "interactive", Handling: channel.Answer, Text: "[form: flow]\ndays: [\"mon\"]\nguests: 3\nname: Jo"},
		},
		"form that is no object": {
			`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"body":"Sent","response_json":"[1"}}`,
			channel.Inbound{Type: "interactive", Handling: channel.Answer, Text: "[form]\nSent\n[1"},
		},
		"calls allowed": {
			`"type":"interactive","interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"accept"}}`,
			channel.Inbound{Type: "interactive", Handling: channel.Record, Text: "[allows calls]"},
		},
		"calls refused": {
			`"type":"interactive","interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"reject"}}`,
			channel.Inbound{Type: "interactive", Handling: channel.Record, Text: "[does not allow calls]"},
		},
		"product": {
			`"type":"interactive","interactive":{"type":"product","action":{"catalog_id":"9","product_retailer_id":"sku-7"},"body":{"text":"in stock?"}}`,
			channel.Inbound{Type: "interactive", Handling: channel.Answer, Text: "[about the product: sku-7]\nin stock?"},
		},
		"unknown interactive": {
			`"type":"interactive","interactive":{"type":"payment_method","payment_method":{}}`,
			channel.Inbound{Type: "interactive", Handling: channel.Decline, Text: "[interactive message: payment_method]"},
		},
		"template button":     {`"type":"button","button":{"text":"Stop offers","payload":"STOP_1"}`, channel.Inbound{Type: "button", Handling: channel.Answer, Text: "Stop offers"}},
		"button of a payload": {`"type":"button","button":{"payload":"STOP_1"}`, channel.Inbound{Type: "button", Handling: channel.Answer, Text: "STOP_1"}},
		"reaction": {
			`"type":"reaction","reaction":{"message_id":"wamid.B","emoji":"\ud83d\udc4d"}`,
			channel.Inbound{Type: "reaction", Handling: channel.Record, Text: "[reaction: 👍]", ReplyTo: "wamid.B"},
		},
		"reaction removed": {
			`"type":"reaction","reaction":{"message_id":"wamid.B"}`,
			channel.Inbound{Type: "reaction", Handling: channel.Record, Text: "[reaction removed]", ReplyTo: "wamid.B"},
		},
		"order": {
			`"type":"order","order":{"catalog_id":"9","text":"by friday","product_items":[{"product_retailer_id":"sku-7","quantity":2,"item_price":12.5,"currency":"EUR"},{"product_retailer_id":"sku-8","quantity":"1"}]}`,
			channel.Inbound{Type: "order", Handling: channel.Answer, Text: "[order]\n2 x sku-7 at 12.5 EUR\n1 x sku-8\nby friday"},
		},
		"request_welcome": {`"type":"request_welcome"`, channel.Inbound{Type: "request_welcome", Handling: channel.Record, Text: "[opened the chat]"}},
		"unsupported": {
			`"type":"unsupported","unsupported":{"type":"poll_creation"},"errors":[{"code":131051,"title":"Message type unknown"}]`,
			channel.Inbound{Type: "unsupported", Handling: channel.Decline, Text: "[unsupported message: poll_creation]"},
		},
		"unsupported pin": {
			`"type":"unsupported","unsupported":{"type":"pin"}`,
			channel.Inbound{Type: "unsupported", Handling: channel.Record, Text: "[unsupported message: pin]"},
		},
		"unsupported without a type": {
			`"type":"unsupported","errors":[{"code":131051,"title":"t","error_data":{"details":"Message type is currently not supported."}}]`,
			channel.Inbound{Type: "unsupported", Handling: channel.Decline, Text: "[unsupported message: Message type is currently not supported.]"},
		},
		"old name of unsupported": {
			`"type":"unknown","errors":[{"code":501,"details":"Message type is not currently supported","title":"t"}]`,
			channel.Inbound{Type: "unknown", Handling: channel.Decline, Text: "[unsupported message: Message type is not currently supported]"},
		},
		"type of tomorrow": {`"type":"hologram","hologram":{"id":1}`, channel.Inbound{Type: "hologram", Handling: channel.Record, Text: "[message of an unknown type: hologram]"}},
		"no type":          {`"text":{"body":"hi"}`, channel.Inbound{Type: "unknown", Handling: channel.Record, Text: "[message of an unknown type]"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.ID, c.want.From, c.want.At = "wamid.A", sheena, noon
			want := channel.Update{Account: number, Message: &c.want}
			if diff := cmp.Diff(want, only(t, from(c.members))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A person is known by the phone number, by the user id, or by both.
func TestParse_WhatsAppSender(t *testing.T) {
	const hello = `"id":"wamid.A","type":"text","text":{"body":"hi"}`
	for name, c := range map[string]struct {
		members string
		want    channel.Person
	}{
		"both":         {`"contacts":[` + contact + `],"messages":[{"from":"16505551234",` + hello + `}]`, sheena},
		"plus":         {`"messages":[{"from":"+16505551234",` + hello + `}]`, channel.Person{Address: "16505551234"}},
		"number":       {`"messages":[{"from":16505551234,` + hello + `}]`, channel.Person{Address: "16505551234"}},
		"hidden phone": {`"contacts":[{"profile":{"name":"Jo","username":"jo"},"user_id":"US.1"}],"messages":[{"from_user_id":"US.1",` + hello + `}]`, channel.Person{UserID: "US.1", Name: "Jo", Username: "jo"}},
		"parent": {
			`"contacts":[{"user_id":"US.1","parent_user_id":"US.ENT.2"}],"messages":[{"from_user_id":"US.1",` + hello + `}]`,
			channel.Person{UserID: "US.1", ParentID: "US.ENT.2"},
		},
		"parent of the message":  {`"messages":[{"from_user_id":"US.1","from_parent_user_id":"US.ENT.2",` + hello + `}]`, channel.Person{UserID: "US.1", ParentID: "US.ENT.2"}},
		"user id as from":        {`"messages":[{"from":"US.1",` + hello + `}]`, channel.Person{UserID: "US.1"}},
		"contact alone":          {`"contacts":[` + contact + `],"messages":[{` + hello + `}]`, sheena},
		"contact without a name": {`"contacts":[{"wa_id":"1650","user_id":"US.1"}],"messages":[{"from":"1650",` + hello + `}]`, channel.Person{Address: "1650", UserID: "US.1"}},
		"second contact":         {`"contacts":[{"wa_id":"49","user_id":"DE.2","profile":{"name":"Al"}},` + contact + `],"messages":[{"from_user_id":"US.13491208655302741918",` + hello + `}]`, sheena},
		"contact of another":     {`"contacts":[{"wa_id":"49","user_id":"DE.2","profile":{"name":"Al"}}],"messages":[{"from":"16505551234",` + hello + `}]`, channel.Person{Address: "16505551234"}},
	} {
		got := only(t, change("messages", news(c.members)))
		if got.Message == nil {
			t.Errorf("%s: got %+v, want a message", name, got)
		} else if diff := cmp.Diff(c.want, got.Message.From); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// Other updates start no turn: they are recorded, or ignored with a reason.
func TestParse_WhatsAppUnanswered(t *testing.T) {
	text := `"id":"wamid.A","timestamp":"1749416383","type":"text","text":{"body":"hi"}`
	for name, c := range map[string]struct{ body, want string }{
		"group":           {change("messages", news(`"messages":[{"from":"1650","group_id":"G1",`+text+`}]`)), "a message of a group is not answered"},
		"no id":           {change("messages", news(`"messages":[{"from":"1650","type":"text"}]`)), "a message has no id"},
		"endless id":      {change("messages", news(`"messages":[{"from":"1650","id":"`+strings.Repeat("x", 600)+`"}]`)), "a message has no id"},
		"no sender":       {change("messages", news(`"messages":[{`+text+`}]`)), "a message has no sender"},
		"no object":       {change("messages", news(`"messages":["hi"]`)), "a message has no id"},
		"nothing":         {change("messages", news(`"contacts":[]`)), "a change reports neither messages nor statuses nor errors"},
		"value is text":   {change("messages", `"x"`), "a change reports neither messages nor statuses nor errors"},
		"echo":            {change("smb_message_echoes", news(`"message_echoes":[{"from":"1555","to":"1650",`+text+`}]`)), `the field "smb_message_echoes" is not used`},
		"echo on standby": {change("standby", news(`"message_echoes":[{"from":"1555","to":"1650",`+text+`}]`)), "a message of the business itself"},
		"own on standby":  {change("standby", news(`"messages":[{"from":"15550783881",`+text+`}]`)), "a message of the business itself"},
		"own message":     {change("messages", news(`"messages":[{"from":"+15550783881","to":"1650",`+text+`}]`)), "a message of the business itself"},
		"calls":           {change("calls", news(`"calls":[{"id":"wacid.1","event":"connect"}]`)), `the field "calls" is not used`},
		"history":         {change("history", news(`"history":[]`)), `the field "history" is not used`},
		"app state":       {change("smb_app_state_sync", news(`"state_sync":[]`)), `the field "smb_app_state_sync" is not used`},
		"handovers":       {change("messaging_handovers", news(`"x":1`)), `the field "messaging_handovers" is not used`},
		"usernames":       {change("business_username_updates", `{}`), `the field "business_username_updates" is not used`},
		"group field":     {change("group_lifecycle_update", `{}`), `the field "group_lifecycle_update" is not used`},
		"no field":        {`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{}]}]}`, `the field "" is not used`},
		"no changes":      {`{"object":"whatsapp_business_account","entry":[{"id":"1"}]}`, "an entry has no changes"},
		"no entries":      {`{"object":"whatsapp_business_account"}`, "the body has no entries"},
		"text as entry":   {`{"object":"whatsapp_business_account","entry":["x"]}`, "an entry is not an object"},
		"test event":      {`{"object":"whatsapp_business_account","entry":[{"id":"0","changes":[{"field":"messages","value":` + news(`"messages":[{"from":"1650",`+text+`}]`) + `}]}]}`, "a test event of Meta's dashboard"},
		"bare test event": {`{"field":"messages","value":` + news(`"messages":[{"from":"1650",`+text+`}]`) + `}`, "a test event of Meta's dashboard"},
		"other object":    {`{"object":"user","entry":[]}`, `updates of the object "user" are not used`},
	} {
		if got := only(t, c.body); got.Ignored != c.want {
			t.Errorf("%s: got %+v, want %q", name, got, c.want)
		}
	}

	got := only(t, change("standby", news(`"contacts":[`+contact+`],"messages":[{"from":"16505551234",`+text+`}]`)))
	want := channel.Update{Account: number, Message: &channel.Inbound{ID: "wamid.A", From: sheena, At: noon, Type: "text", Handling: channel.Record, Text: "hi"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("standby: -want +got:\n%s", diff)
	}
}

func TestParse_WhatsAppCorrections(t *testing.T) {
	for name, c := range map[string]struct {
		members string
		want    channel.Update
	}{
		"edit": {
			`"type":"edit","edit":{"original_message_id":"wamid.B","message":{"type":"text","text":{"body":"Friday, I mean"}}}`,
			channel.Update{Correction: &channel.Correction{ID: "wamid.A", MessageID: "wamid.B", From: sheena, At: noon, Text: "Friday, I mean"}},
		},
		"edited caption": {
			`"type":"edit","edit":{"original_message_id":"wamid.B","message":{"type":"image","image":{"id":"1","caption":"this"}}}`,
			channel.Update{Correction: &channel.Correction{ID: "wamid.A", MessageID: "wamid.B", From: sheena, At: noon, Text: "[image]\nthis"}},
		},
		"revoke": {
			`"type":"revoke","revoke":{"original_message_id":"wamid.B"}`,
			channel.Update{Correction: &channel.Correction{ID: "wamid.A", MessageID: "wamid.B", From: sheena, At: noon, Withdrawn: true}},
		},
		"of nothing":  {`"type":"revoke","revoke":{}`, channel.Update{Ignored: "a correction names no message"}},
		"in a group":  {`"group_id":"G","type":"revoke","revoke":{"original_message_id":"wamid.B"}`, channel.Update{Ignored: "a message of a group is not answered"}},
		"wrong shape": {`"type":"edit","edit":[]`, channel.Update{Ignored: "a correction names no message"}},
	} {
		c.want.Account = number
		if diff := cmp.Diff(c.want, only(t, from(c.members))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}
