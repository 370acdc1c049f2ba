package graph

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"regexp"
)

// message is a request to send a text or a template over WhatsApp.
type message struct {
	To        string `json:"to"`
	Recipient string `json:"recipient"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Context struct {
		MessageID string `json:"message_id"`
	} `json:"context"`
	Template *template `json:"template"`
	Ref      string    `json:"biz_opaque_callback_data"`
}

type template struct {
	Name       string      `json:"name"`
	Language   language    `json:"language"`
	Components []component `json:"components"`
}

type language struct {
	Code string `json:"code"`
}

type component struct {
	Type       string      `json:"type"`
	SubType    string      `json:"sub_type"`
	Index      any         `json:"index"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Type string `json:"type"`
	Name string `json:"parameter_name"`
}

// media has either an id or a link.
func media(at string, v any) string {
	o, _ := v.(map[string]any)
	rest := fields{"link": matching(regexp.MustCompile(`^https?://\S+$`)), "filename?": text(0)}
	if _, ok := o["id"]; ok {
		rest = fields{"id": text(0), "filename?": text(0)}
	}
	return object(rest)(at, v)
}

// named returns the check of a parameter that may belong to a named placeholder.
func named(kind string, value check) check {
	return object(fields{"type": text(0), "parameter_name?": text(0), kind: value})
}

var parameters = map[string]check{
	"text":     named("text", text(32768)),
	"currency": named("currency", object(fields{"fallback_value": text(0), "code": matching(regexp.MustCompile(`^[A-Z]{3}$`)), "amount_1000": whole})),
	"date_time": named("date_time", object(fields{
		"fallback_value": text(0), "day_of_week?": whole, "day_of_month?": whole, "year?": whole, "month?": whole,
		"hour?": whole, "minute?": whole, "calendar?": oneOf("GREGORIAN", "SOLAR_HIJRI"),
	})),
	"image": named("image", media), "video": named("video", media), "document": named("document", media),
	"location": named("location", object(fields{"latitude": text(0), "longitude": text(0), "name": text(0), "address": text(0)})),
}

// only returns some of the parameters.
func only(kinds ...string) map[string]check {
	some := map[string]check{}
	for _, kind := range kinds {
		some[kind] = parameters[kind]
	}
	return some
}

// button returns the check of a button whose parameters have one type.
func button(kind string, value check) check {
	one := byField("type", map[string]check{kind: object(fields{"type": text(0), kind: value})})
	return object(fields{"type": text(0), "sub_type": text(0), "index": index, "parameters": list(1, one)})
}

var components = map[string]check{
	"header": object(fields{"type": text(0), "parameters": list(1, byField("type", only("text", "image", "video", "document", "location")))}),
	"body":   object(fields{"type": text(0), "parameters?": list(0, byField("type", only("text", "currency", "date_time")))}),
	"button": byField("sub_type", map[string]check{
		"quick_reply": button("payload", text(256)),
		"url":         button("text", text(2000)),
		"copy_code":   button("coupon_code", text(20)),
		"flow":        button("action", object(fields{"flow_token?": text(0), "flow_action_data?": anyObject})),
		"catalog":     button("action", object(fields{"thumbnail_product_retailer_id": text(0)})),
	}),
	"limited_time_offer": object(fields{"type": text(0), "parameters": list(1, byField("type", map[string]check{
		"limited_time_offer": object(fields{"type": text(0), "limited_time_offer": object(fields{"expiration_time_ms": whole})}),
	}))}),
}

func anyObject(at string, v any) string {
	if _, ok := v.(map[string]any); !ok {
		return at + " must be an object"
	}
	return ""
}

// card is one of a carousel: it has components of its own.
var card = object(fields{"card_index": index, "components": list(1, byField("type", components))})

// top are the components of a template: a carousel's cards have none within them.
func top() map[string]check {
	all := maps.Clone(components)
	all["carousel"] = object(fields{"type": text(0), "cards": list(1, card)})
	return all
}

// longestText is the most characters of a text message.
const longestText = 4096

var (
	phone  = matching(regexp.MustCompile(`^\+?[1-9][0-9]{4,16}$`)) // a user id here would be lost silently
	userID = matching(regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`))
)

// sending returns the check of a message whose content is in a field of the type's name.
func sending(kind string, content check) check {
	return object(fields{
		"messaging_product":         oneOf("whatsapp"),
		"recipient_type":            oneOf("individual"),
		"to?":                       phone,
		"recipient?":                userID,
		"type":                      oneOf(kind),
		"context?":                  object(fields{"message_id": text(0)}),
		"biz_opaque_callback_data?": text(512),
		kind:                        content,
	})
}

var request = byField("type", map[string]check{
	"text": sending("text", object(fields{"preview_url?": truth, "body": text(longestText)})),
	"template": sending("template", object(fields{
		"name":        matching(regexp.MustCompile(`^[a-z0-9_]{1,512}$`)),
		"language":    object(fields{"code": matching(regexp.MustCompile(`^[a-z]{2,3}(_[A-Z]{2,3})?$`)), "policy?": oneOf("deterministic")}),
		"components?": list(0, byField("type", top())),
	})),
})

func truth(at string, v any) string {
	if _, ok := v.(bool); !ok {
		return at + " must be true or false"
	}
	return ""
}

// readMessage returns the message of a request that is as documented.
func readMessage(r *http.Request, body []byte) (message, *failure) {
	var m message
	if failed := decode(r, body, request, &m); failed != nil {
		return message{}, failed
	}
	if m.To == "" && m.Recipient == "" {
		return message{}, invalid("body.to or body.recipient is required")
	}
	return m, nil
}

// decode reads a request that has a documented shape.
func decode(r *http.Request, body []byte, shape check, into any) *failure {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return invalid("Content-Type must be application/json")
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil || dec.More() {
		return invalid("The request body must be JSON")
	}
	if wrong := shape("body", v); wrong != "" {
		return invalid("%s", wrong)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return invalid("%v", err)
	}
	return nil
}
