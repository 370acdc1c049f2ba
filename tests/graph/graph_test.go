package graph_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/tests/graph"
)

var shop = graph.Number{
	ID: "106540352242922", AccountID: "215589313241560883", Token: "EAAsecret",
	Templates: []graph.Template{
		{Name: "hello", Language: "en", Body: "Hello"},
		{Name: "order", Language: "en_US", Format: "IMAGE", Body: "Order {{1}} is {{2}}", Buttons: []graph.Label{{Type: "QUICK_REPLY", Text: "Track"}}},
		{Name: "named", Language: "nl_NL", Body: "Hi {{first_name}}"},
	},
}

// Each request that Meta documents is taken, and any other is refused with Meta's code.
func TestSend(t *testing.T) {
	const (
		image = `{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a.png"}}]}`
		two   = `{"type":"body","parameters":[{"type":"text","text":"a"},{"type":"currency","currency":{"fallback_value":"$1","code":"USD","amount_1000":1000}}]}`
		reply = `{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"x"}]}`
	)
	order := func(components ...string) string {
		return `{"messaging_product":"whatsapp","recipient_type":"individual","to":"31612345678","type":"template","template":` +
			`{"name":"order","language":{"code":"en_US"},"components":[` + strings.Join(components, ",") + `]}}`
	}
	hello := func(old, changed string) string {
		return strings.Replace(`{"messaging_product":"whatsapp","recipient_type":"individual","to":"31612345678","type":"template","template":`+
			`{"name":"hello","language":{"code":"en"}}}`, old, changed, 1)
	}
	named := func(parameter string) string {
		return hello(`"hello","language":{"code":"en"}`, `"named","language":{"code":"nl_NL"},"components":[{"type":"body","parameters":[`+parameter+`]}]`)
	}
	for name, c := range map[string]struct {
		body string
		code int // 0: it is taken
	}{
		"plain":                  {hello("", ""), 0},
		"a language policy":      {hello(`"code":"en"`, `"code":"en","policy":"deterministic"`), 0},
		"with a reference":       {hello(`"type"`, `"biz_opaque_callback_data":"ref","type"`), 0},
		"all parts":              {order(image, two, reply), 0},
		"an index as a number":   {order(image, two, strings.Replace(reply, `"0"`, `0`, 1)), 0},
		"named":                  {named(`{"type":"text","parameter_name":"first_name","text":"Ann"}`), 0},
		"named as positional":    {named(`{"type":"text","text":"Ann"}`), 132000},
		"another name":           {named(`{"type":"text","parameter_name":"last_name","text":"Ann"}`), 132000},
		"a text":                 {hello(`"template","template":{"name":"hello","language":{"code":"en"}}`, `"text","text":{"preview_url":false,"body":"x"}`), 0},
		"an answer":              {hello(`"template","template":{"name":"hello","language":{"code":"en"}}`, `"text","context":{"message_id":"wamid.1"},"text":{"body":"x"}`), 0},
		"a recipient":            {hello(`"to":"31612345678"`, `"recipient":"US.13491208655302741918"`), 0},
		"a typing indicator":     {`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.1","typing_indicator":{"type":"voice"}}`, 100},
		"a text and a template":  {hello(`"type":"template"`, `"type":"template","text":{"body":"x"}`), 100},
		"an empty text":          {hello(`"template","template":{"name":"hello","language":{"code":"en"}}`, `"text","text":{"body":""}`), 100},
		"a long text":            {hello(`"template","template":{"name":"hello","language":{"code":"en"}}`, `"text","text":{"body":"`+strings.Repeat("x", 4097)+`"}`), 100},
		"nobody":                 {hello(`"to":"31612345678",`, ``), 100},
		"a number as recipient":  {hello(`"to"`, `"recipient"`), 100},
		"no JSON":                {`{`, 100},
		"more than JSON":         {hello("", "") + "{}", 100},
		"another product":        {hello(`"whatsapp"`, `"messenger"`), 100},
		"no recipient type":      {hello(`"recipient_type":"individual",`, ``), 100},
		"a user id":              {hello("31612345678", "US.13491208655302741918"), 100},
		"an unknown field":       {hello(`"type"`, `"Type":1,"type"`), 100},
		"a long reference":       {hello(`"type"`, `"biz_opaque_callback_data":"`+strings.Repeat("x", 513)+`","type"`), 100},
		"language as a string":   {hello(`{"code":"en"}`, `"en"`), 100},
		"unknown language":       {hello(`{"code":"en"}`, `{"code":"fr"}`), 132001},
		"unknown template":       {hello(`"hello"`, `"bye"`), 132001},
		"too few parameters":     {order(image), 132000},
		"no header":              {order(two), 132000},
		"another header":         {order(strings.ReplaceAll(image, "image", "video"), two), 132012},
		"an image without link":  {order(strings.Replace(image, `"link":"https://example.com/a.png"`, ``, 1), two), 100},
		"a button without index": {order(image, two, strings.Replace(reply, `"index":"0",`, ``, 1)), 100},
		"a body twice":           {order(image, two, two), 100},
		"an unknown component":   {order(image, two, `{"type":"fanfare"}`), 100},
		"a text as a number":     {order(image, strings.Replace(two, `"text":"a"`, `"text":1`, 1)), 100},
	} {
		t.Run(name, func(t *testing.T) {
			s := graph.Start(t, shop)
			status, answer := call(t, s, http.MethodPost, "/v25.0/106540352242922/messages", "EAAsecret", c.body)
			switch {
			case c.code == 0 && (status != http.StatusOK || len(s.Accepted()) != 1):
				t.Errorf("got %d %s", status, answer)
			case c.code != 0 && (status < 400 || !strings.Contains(answer, fmt.Sprintf(`"code":%d,`, c.code)) || len(s.Accepted()) != 0):
				t.Errorf("got %d %s, want code %d", status, answer, c.code)
			}
		})
	}
}

func TestAuthorization(t *testing.T) {
	s := graph.Start(t, shop)
	for path, c := range map[string]struct {
		token string
		code  string
	}{
		"/v25.0/106540352242922/messages?a":  {"", `"code":104`},
		"/v25.0/106540352242922/messages?b":  {"other", `"code":190`},
		"/v25.0/1/messages":                  {"EAAsecret", `"code":100`},
		"/latest/106540352242922/messages":   {"EAAsecret", `"code":100`},
		"/v25.0/215589313241560883/messages": {"EAAsecret", `"code":100`},
		"/v25.0/106540352242922/elsewhere":   {"EAAsecret", `"code":100`},
	} {
		if status, answer := call(t, s, http.MethodPost, path, c.token, `{}`); status < 400 || !strings.Contains(answer, c.code) {
			t.Errorf("%s: got %d %s, want %s", path, status, answer, c.code)
		}
	}
}

func TestList(t *testing.T) {
	status, answer := call(t, graph.Start(t, shop), http.MethodGet, "/v25.0/215589313241560883/message_templates?name=order", "EAAsecret", "")
	if status != http.StatusOK || !strings.Contains(answer, `"text":"Order {{1}} is {{2}}"`) || strings.Contains(answer, "hello") {
		t.Errorf("got %d %s", status, answer)
	}
}

func call(t *testing.T, s *graph.Server, method, path, token, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}
