package meta_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
)

// page is the account of the tests, and visitor the person who writes to it.
const page = "178414000000001"

var (
	visitor = channel.Person{Address: "5100"}
	evening = time.UnixMilli(1749416383349).UTC()
)

// entry returns a body with one entry of an object.
func entry(object, members string) string {
	return `{"object":"` + object + `","entry":[{"id":"` + page + `","time":1749416383999,` + members + `}]}`
}

// said returns the body of one event of the visitor.
func said(members string) string {
	return entry("instagram", `"messaging":[{"sender":{"id":"5100"},"recipient":{"id":"`+page+`"},"timestamp":1749416383349,`+members+`}]`)
}

func TestParse_PageMessages(t *testing.T) {
	for name, c := range map[string]struct {
		members string
		want    channel.Inbound
	}{
		"text":              {`"message":{"mid":"m1","text":"hi"}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Answer, Text: "hi"}},
		"quick reply":       {`"message":{"mid":"m1","text":"Red","quick_reply":{"payload":"RED"}}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Answer, Text: "Red"}},
		"bare quick reply":  {`"message":{"mid":"m1","quick_reply":{"payload":"RED"}}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Answer, Text: "RED"}},
		"reply":             {`"message":{"mid":"m1","text":"yes","reply_to":{"mid":"m0"}}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Answer, Text: "yes", ReplyTo: "m0"}},
		"reply to a story":  {`"message":{"mid":"m1","text":"nice","reply_to":{"story":{"url":"https://cdn.example/s","id":"s1"}}}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Answer, Text: "[replies to your story]\nnice"}},
		"from an ad":        {`"message":{"mid":"m1","text":"hi","referral":{"ref":"r","ad_id":"1","source":"ADS","type":"OPEN_THREAD","ads_context_data":{"ad_title":"Summer"}}}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Answer, Text: "[came from the ad: Summer, r]\nhi"}},
		"about a product":   {`"message":{"mid":"m1","text":"hi","referral":{"product":{"id":"77"}}}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Answer, Text: "[about the product: 77]\nhi"}},
		"image":             {`"message":{"mid":"m1","attachments":[{"type":"image","payload":{"url":"https://cdn.example/1"}}]}`, channel.Inbound{ID: "m1", Type: "image", Handling: channel.Answer, Text: "[image]", Media: []channel.Media{{Type: "image", URL: "https://cdn.example/1"}}}},
		"image and file":    {`"message":{"mid":"m1","attachments":[{"type":"image","payload":{"url":"https://cdn.example/1"}},{"type":"file","payload":{"url":"https://cdn.example/2"}}]}`, channel.Inbound{ID: "m1", Type: "file", Handling: channel.Answer, Text: "[image]\n[file]", Media: []channel.Media{{Type: "image", URL: "https://cdn.example/1"}, {Type: "file", URL: "https://cdn.example/2"}}}},
		"image without URL": {`"message":{"mid":"m1","attachments":[{"type":"image","payload":null}]}`, channel.Inbound{ID: "m1", Type: "image", Handling: channel.Decline, Text: "[image]"}},
		"voice message":     {`"message":{"mid":"m1","attachments":[{"type":"audio","payload":{"url":"https://cdn.example/1"}}]}`, channel.Inbound{ID: "m1", Type: "audio", Handling: channel.Decline, Text: "[voice message]", Media: []channel.Media{{Type: "voice", URL: "https://cdn.example/1"}}}},
		"video":             {`"message":{"mid":"m1","attachments":[{"type":"video","payload":{"url":"https://cdn.example/1"}}]}`, channel.Inbound{ID: "m1", Type: "video", Handling: channel.Decline, Text: "[video]", Media: []channel.Media{{Type: "video", URL: "https://cdn.example/1"}}}},
		"sticker":           {`"message":{"mid":"m1","attachments":[{"type":"sticker","payload":{"url":"https://cdn.example/1","sticker_id":369239263222822}}]}`, channel.Inbound{ID: "m1", Type: "sticker", Handling: channel.Decline, Text: "[sticker]", Media: []channel.Media{{Type: "sticker", URL: "https://cdn.example/1"}}}},
		"old sticker":       {`"message":{"mid":"m1","attachments":[{"type":"image","payload":{"url":"https://cdn.example/1","sticker_id":7}}]}`, channel.Inbound{ID: "m1", Type: "image", Handling: channel.Decline, Text: "[sticker]", Media: []channel.Media{{Type: "sticker", URL: "https://cdn.example/1"}}}},
		"share with a text": {`"message":{"mid":"m1","text":"this?","attachments":[{"type":"share","payload":{"url":"https://cdn.example/1"}}]}`, channel.Inbound{ID: "m1", Type: "share", Handling: channel.Answer, Text: "[shared post]\nthis?"}},
		"share":             {`"message":{"mid":"m1","attachments":[{"type":"ig_post","payload":{"ig_post_media_id":"1","title":"Lamp"}}]}`, channel.Inbound{ID: "m1", Type: "ig_post", Handling: channel.Decline, Text: "[shared post: Lamp]"}},
		"reel":              {`"message":{"mid":"m1","attachments":[{"type":"ig_reel","payload":{"reel_video_id":"1","title":"Lamp"}}]}`, channel.Inbound{ID: "m1", Type: "ig_reel", Handling: channel.Decline, Text: "[shared reel: Lamp]"}},
		"story":             {`"message":{"mid":"m1","attachments":[{"type":"ig_story","payload":{}}]}`, channel.Inbound{ID: "m1", Type: "ig_story", Handling: channel.Decline, Text: "[shared story]"}},
		"story mention":     {`"message":{"mid":"m1","attachments":[{"type":"story_mention","payload":{"url":"https://cdn.example/1"}}]}`, channel.Inbound{ID: "m1", Type: "story_mention", Handling: channel.Record, Text: "[mentioned you in a story]"}},
		"link":              {`"message":{"mid":"m1","attachments":[{"type":"fallback","title":"Shop","url":"https://shop.example","payload":null}]}`, channel.Inbound{ID: "m1", Type: "fallback", Handling: channel.Answer, Text: "[link: Shop, https://shop.example]"}},
		"location":          {`"message":{"mid":"m1","attachments":[{"type":"location","title":"Cafe","payload":{"coordinates":{"lat":37.48,"long":-122.14}}}]}`, channel.Inbound{ID: "m1", Type: "location", Handling: channel.Answer, Text: "[location]\nCafe\n37.48, -122.14"}},
		"product":           {`"message":{"mid":"m1","attachments":[{"type":"template","payload":{"product":{"elements":[{"id":"1","retailer_id":"sku-7","title":"Lamp","subtitle":"$ 20"}]}}}]}`, channel.Inbound{ID: "m1", Type: "template", Handling: channel.Answer, Text: "[about the product: Lamp, $ 20, sku-7]"}},
		"other template":    {`"message":{"mid":"m1","attachments":[{"type":"template","payload":{}}]}`, channel.Inbound{ID: "m1", Type: "template", Handling: channel.Decline, Text: "[template]"}},
		"type of tomorrow":  {`"message":{"mid":"m1","attachments":[{"type":"hologram","payload":{}},7]}`, channel.Inbound{ID: "m1", Type: "attachment", Handling: channel.Decline, Text: "[attachment: hologram]\n[attachment]"}},
		"unsupported":       {`"message":{"mid":"m1","is_unsupported":true}`, channel.Inbound{ID: "m1", Type: "unsupported", Handling: channel.Decline, Text: "[unsupported message]"}},
		"empty":             {`"message":{"mid":"m1"}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Record, Text: "[empty message]"}},
		"postback":          {`"postback":{"mid":"m1","title":"Get started","payload":"START"}`, channel.Inbound{ID: "m1", Type: "postback", Handling: channel.Answer, Text: "Get started"}},
		"postback by a link": {
			`"postback":{"mid":"m1","title":"Get started","payload":"START","referral":{"ref":"flyer","source":"SHORTLINK","type":"OPEN_THREAD"}}`,
			channel.Inbound{ID: "m1", Type: "postback", Handling: channel.Answer, Text: "[came by a link: flyer]\nGet started"},
		},
		"new message in development": {`"message_edit":{"mid":"m1","text":"hi","num_edit":"0"}`, channel.Inbound{ID: "m1", Type: "text", Handling: channel.Answer, Text: "hi"}},
	} {
		c.want.From, c.want.At = visitor, evening
		for _, body := range []string{said(c.members), strings.Replace(said(c.members), `"instagram"`, `"page"`, 1)} {
			if diff := cmp.Diff(channel.Update{Account: page, Message: &c.want}, only(t, body)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", name, diff)
			}
		}
		c.want.Handling = channel.Record
		if diff := cmp.Diff(channel.Update{Account: page, Message: &c.want}, only(t, strings.Replace(said(c.members), `"messaging"`, `"standby"`, 1))); diff != "" {
			t.Errorf("%s on standby: -want +got:\n%s", name, diff)
		}
	}
}

// Events without an id get one that a redelivery has too.
func TestParse_PageEventsWithoutID(t *testing.T) {
	seen := map[string]string{}
	for name, c := range map[string]struct{ members, text, replyTo string }{
		"reaction":         {`"reaction":{"mid":"m0","action":"react","reaction":"love","emoji":"❤"}`, "[reaction: ❤]", "m0"},
		"reaction removed": {`"reaction":{"mid":"m0","action":"unreact"}`, "[reaction removed]", "m0"},
		"referral":         {`"referral":{"ref":"flyer","source":"SHORTLINK"}`, "[came by a link: flyer]", ""},
		"empty referral":   {`"referral":{}`, "[came by a link]", ""},
		"empty postback":   {`"postback":{}`, "[empty message]", ""},
	} {
		first, second := only(t, said(c.members)).Message, only(t, said(c.members)).Message
		if first == nil || first.ID == "" || first.ID != second.ID || seen[first.ID] != "" {
			t.Errorf("%s: got %+v and %+v, want one id of its own", name, first, second)
			continue
		}
		seen[first.ID] = name
		if first.Handling != channel.Record || first.Text != c.text || first.ReplyTo != c.replyTo {
			t.Errorf("%s: got %+v, want %+v", name, first, c)
		}
	}
}

func TestParse_PageStatuses(t *testing.T) {
	for name, c := range map[string]struct {
		members string
		want    []channel.Status
	}{
		"read to a time":  {`"read":{"watermark":1749416380000}`, []channel.Status{{State: channel.Read, UpTo: time.UnixMilli(1749416380000).UTC()}}},
		"read message":    {`"read":{"mid":"m1"}`, []channel.Status{{State: channel.Read, MessageID: "m1"}}},
		"delivered":       {`"delivery":{"mids":["m1","m2",7],"watermark":1749416380000}`, []channel.Status{{State: channel.Delivered, MessageID: "m1"}, {State: channel.Delivered, MessageID: "m2"}}},
		"delivered until": {`"delivery":{"watermark":1749416380000}`, []channel.Status{{State: channel.Delivered, UpTo: time.UnixMilli(1749416380000).UTC()}}},
	} {
		var want []channel.Update
		for _, s := range c.want {
			s.Person, s.At = visitor, evening
			want = append(want, channel.Update{Account: page, Status: &s})
		}
		if diff := cmp.Diff(want, parse(t, said(c.members))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestParse_PageCorrections(t *testing.T) {
	for members, want := range map[string]channel.Correction{
		`"message":{"mid":"m1","is_deleted":true}`:                   {ID: "m1:deleted", MessageID: "m1", Withdrawn: true},
		`"message_edit":{"mid":"m1","text":"new","num_edit":1}`:      {ID: "m1:edit:1", MessageID: "m1", Text: "new"},
		`"message_edits":{"mid":"m1","text":"newer","num_edit":"2"}`: {ID: "m1:edit:2", MessageID: "m1", Text: "newer"},
	} {
		want.From, want.At = visitor, evening
		if diff := cmp.Diff(channel.Update{Account: page, Correction: &want}, only(t, said(members))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", members, diff)
		}
	}
}

// An echo says which message our send has become. It is never answered.
func TestParse_PageEchoes(t *testing.T) {
	echo := func(message string) string {
		return entry("page", `"messaging":[{"sender":{"id":"`+page+`"},"recipient":{"id":"5100"},"timestamp":1749416383349,"message":{"mid":"m1","is_echo":true,"text":"hi"`+message+`}}]`)
	}
	want := channel.Update{Account: page, Status: &channel.Status{MessageID: "m1", Ref: "send-1", State: channel.Sent, At: evening, Person: visitor}}
	if diff := cmp.Diff(want, only(t, echo(`,"app_id":1,"metadata":"send-1"`))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, body := range []string{echo(""), strings.Replace(echo(""), `"messaging"`, `"standby"`, 1), strings.Replace(echo(""), `"is_echo":true,`, "", 1)} {
		if got := only(t, body); got.Ignored != "a message of the business itself" {
			t.Errorf("%s: got %+v, want it ignored", body, got)
		}
	}
}

func TestParse_PageUnanswered(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"self":            {said(`"message":{"mid":"m1","is_self":true,"text":"hi"}`), "a message of the business itself"},
		"handover":        {said(`"pass_thread_control":{"new_owner_app_id":1}`), `the event "pass_thread_control" is not used`},
		"opt-in":          {said(`"optin":{"ref":"x"}`), `the event "optin" is not used`},
		"unknown":         {said(`"hologram":{}`), "an event of an unknown kind"},
		"text as event":   {said(`"message":"hi"`), "an event of an unknown kind"},
		"no object":       {entry("instagram", `"messaging":[7]`), "an event of an unknown kind"},
		"no sender":       {entry("instagram", `"messaging":[{"message":{"mid":"m1","text":"hi"}}]`), `the event "message" has no sender`},
		"edit of nobody":  {entry("instagram", `"messaging":[{"timestamp":1,"message_edit":{"mid":"m1","num_edit":0}}]`), `the event "message_edit" has no sender`},
		"no watermark":    {said(`"read":{"watermark":-5}`), `the event "read" names no message`},
		"edit without id": {said(`"message_edit":{"text":"x","num_edit":1}`), "a correction names no message"},
		"unblocked":       {said(`"policy_enforcement":{"action":"unblock"}`), "the page is not blocked"},
		"comment":         {entry("instagram", `"changes":[{"field":"comments","value":{"id":"c"}}]`), `the field "comments" is not used`},
		"bare comment":    {entry("instagram", `"field":"comments","value":{"id":"c"}`), `the field "comments" is not used`},
		"feed":            {entry("page", `"changes":[{"field":"feed","value":{"item":"post"}}]`), `the field "feed" is not used`},
		"nothing":         {entry("page", `"messaging":[]`), "an entry has no events"},
		"test event": {
			`{"object":"instagram","entry":[{"id":"0","time":1749416383,"changes":[{"field":"messages","value":{"sender":{"id":"12334"},"recipient":{"id":"23245"},"timestamp":"1527459824","message":{"mid":"random_mid","text":"random_text"}}}]}]}`,
			"a test event of Meta's dashboard",
		},
	} {
		if got := only(t, c.body); got.Ignored != c.want {
			t.Errorf("%s: got %+v, want %q", name, got, c.want)
		}
	}

	got := only(t, entry("instagram", `"changes":[{"field":"messages","value":{"sender":{"id":"5100"},"recipient":{"id":"1"},"timestamp":"1749416383","message":{"mid":"m1","text":"hi"}}}]`))
	want := channel.Update{Account: page, Message: &channel.Inbound{ID: "m1", From: visitor, At: noon, Type: "text", Handling: channel.Answer, Text: "hi"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message as a change: -want +got:\n%s", diff)
	}
	got = only(t, entry("page", `"messaging":[{"recipient":{"id":"1"},"timestamp":1749416383349,"policy_enforcement":{"action":"block","reason":"spam"}}]`))
	if n := got.Notice; n == nil || !n.Stops || n.Code != "block" || n.Message != "Meta has blocked the page from sending messages: spam." {
		t.Errorf("blocked: got %+v, want a notice", got)
	}
}
