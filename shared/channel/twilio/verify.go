package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// inlet is where a sender's messages go.
type inlet struct {
	url, method string
	application string // a TwiML application that takes precedence over the URL
	deaf        string // why the sender receives nothing; empty: it does
}

// Verify asks Twilio for the account, then for the sender, and compares the webhook of the
// sender with the given URL. It returns the problems without a time.
func (c *Client) Verify(ctx context.Context, a channel.Account, webhookURL string) ([]connection.Problem, error) {
	sid := a.Identifiers["account_sid"]
	if !accountSID.MatchString(sid) {
		return []connection.Problem{{Code: "account_sid", Message: accountRule, Action: "Make another connection with the account_sid that Twilio's console shows."}}, nil
	}
	var account struct {
		Status string `json:"status"`
	}
	if failed := c.read(ctx, a, c.accountURL(sid, ".json"), &account); failed != nil {
		return problemOf(failed)
	}
	if account.Status != "active" {
		return []connection.Problem{{Code: "account_" + account.Status, Message: fmt.Sprintf("The Twilio account is %s", account.Status), Action: actions[30002]}}, nil
	}
	found, failed := c.inlet(ctx, a, sid)
	switch {
	case failed != nil:
		return problemOf(failed)
	case found == nil:
		return []connection.Problem{{
			Code: "sender_missing", Message: fmt.Sprintf("The account has no sender %s", a.Identifiers["from"]),
			Action: "Compare the connection's from and account_sid with the numbers and senders in Twilio's console.",
		}}, nil
	}
	return found.problems(webhookURL), nil
}

func (i inlet) problems(webhookURL string) []connection.Problem {
	var all []connection.Problem
	if i.deaf != "" {
		all = append(all, connection.Problem{Code: "sender_unavailable", Message: i.deaf, Action: "Open the sender in Twilio's console, where its state is explained."})
	}
	switch {
	case i.application != "":
		all = append(all, connection.Problem{
			Code: "webhook_application", Message: fmt.Sprintf("The messages go to the TwiML application %s", i.application),
			Action: "In Twilio's console, configure the number with a webhook in place of the application, and paste " + webhookURL,
		})
	case withoutOverrides(i.url) != webhookURL:
		all = append(all, connection.Problem{
			Code: "webhook_url", Message: fmt.Sprintf("The messages go to %q", i.url),
			Action: "In Twilio's console, paste as the sender's webhook for incoming messages exactly " + webhookURL,
		})
	case !strings.EqualFold(i.method, http.MethodPost):
		all = append(all, connection.Problem{
			Code: "webhook_method", Message: fmt.Sprintf("The webhook is called with HTTP %s", i.method),
			Action: "In Twilio's console, choose HTTP POST for the webhook.",
		})
	}
	return all
}

// withoutOverrides removes connection overrides, such as #rc=2, which are not sent.
func withoutOverrides(address string) string {
	address, _, _ = strings.Cut(address, "#")
	return address
}

// inlet returns the webhook of the connection's sender, or nil if the account has no such
// sender.
func (c *Client) inlet(ctx context.Context, a channel.Account, sid string) (*inlet, *channel.SendError) {
	from := a.Identifiers["from"]
	switch {
	case strings.HasPrefix(from, "MG"):
		return c.service(ctx, a, from)
	case kindOfAddress(from) != "":
		return c.sender(ctx, a, from)
	case isShortCode(from):
		return c.number(ctx, a, c.accountURL(sid, "/SMS/ShortCodes.json?"+url.Values{"ShortCode": {from}}.Encode()), from)
	}
	return c.number(ctx, a, c.accountURL(sid, "/IncomingPhoneNumbers.json?"+url.Values{"PhoneNumber": {from}}.Encode()), from)
}

// number returns the webhook of a phone number or a short code.
func (c *Client) number(ctx context.Context, a channel.Account, address, from string) (*inlet, *channel.SendError) {
	type shape struct {
		PhoneNumber  string           `json:"phone_number"`
		ShortCode    string           `json:"short_code"`
		URL          string           `json:"sms_url"`
		Method       string           `json:"sms_method"`
		Application  string           `json:"sms_application_sid"`
		Capabilities *map[string]bool `json:"capabilities"`
	}
	var list struct {
		Numbers []shape `json:"incoming_phone_numbers"`
		Codes   []shape `json:"short_codes"`
	}
	if failed := c.read(ctx, a, address, &list); failed != nil {
		return nil, failed
	}
	for _, n := range append(list.Numbers, list.Codes...) {
		if n.PhoneNumber != from && n.ShortCode != from { // the filter also finds parts of numbers
			continue
		}
		found := &inlet{url: n.URL, method: n.Method, application: n.Application}
		if n.Capabilities != nil && !capable(*n.Capabilities) {
			found.deaf = fmt.Sprintf("The number %s cannot send or receive SMS", from)
		}
		return found, nil
	}
	return nil, nil
}

// capable reports whether a number is one for SMS. The API writes the word in both ways.
func capable(capabilities map[string]bool) bool { return capabilities["sms"] || capabilities["SMS"] }

// service returns the webhook of a messaging service.
func (c *Client) service(ctx context.Context, a channel.Account, from string) (*inlet, *channel.SendError) {
	var shape struct {
		URL      string `json:"inbound_request_url"`
		Method   string `json:"inbound_method"`
		OnNumber bool   `json:"use_inbound_webhook_on_number"`
	}
	failed := c.read(ctx, a, c.messaging+"/v1/Services/"+url.PathEscape(from), &shape)
	switch {
	case failed != nil && failed.Code == notFound:
		return nil, nil
	case failed != nil:
		return nil, failed
	}
	found := &inlet{url: shape.URL, method: shape.Method}
	if shape.OnNumber {
		found.deaf = "The messaging service leaves incoming messages to the webhooks of its numbers"
	}
	return found, nil
}

// maxPages bounds the list of senders that is read.
const maxPages = 20

// sender returns the webhook of a sender of WhatsApp or RCS.
func (c *Client) sender(ctx context.Context, a channel.Account, from string) (*inlet, *channel.SendError) {
	next := c.messaging + "/v2/Channels/Senders?" + url.Values{"Channel": {kindOfAddress(from)}, "PageSize": {"100"}}.Encode()
	for range maxPages {
		var list struct {
			Senders []struct {
				ID      string `json:"sender_id"`
				Status  string `json:"status"`
				Webhook struct {
					URL    string `json:"callback_url"`
					Method string `json:"callback_method"`
				} `json:"webhook"`
			} `json:"senders"`
			Meta struct {
				Next string `json:"next_page_url"`
			} `json:"meta"`
		}
		if failed := c.read(ctx, a, next, &list); failed != nil {
			return nil, failed
		}
		for _, s := range list.Senders {
			if s.ID != from {
				continue
			}
			found := &inlet{url: s.Webhook.URL, method: s.Webhook.Method}
			if !strings.HasPrefix(s.Status, "ONLINE") {
				found.deaf = fmt.Sprintf("The sender %s is %s", from, s.Status)
			}
			return found, nil
		}
		if next = list.Meta.Next; !strings.HasPrefix(next, c.messaging+"/") { // the token goes to no other host
			return nil, nil
		}
	}
	return nil, nil
}

func (c *Client) read(ctx context.Context, a channel.Account, address string, into any) *channel.SendError {
	answer, failed := c.do(ctx, a, address, nil)
	if failed != nil {
		return failed
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return unknown(err)
	}
	return nil
}

// notFound is Twilio's code for a resource that the account does not have.
const notFound = 20404

// problemOf returns what a refusal says about the connection. Other failures are no answer.
func problemOf(f *channel.SendError) ([]connection.Problem, error) {
	if f.Kind != channel.Stopped && f.Kind != channel.Rejected {
		return nil, f
	}
	code := "refused"
	if f.Code != 0 {
		code = strconv.Itoa(f.Code)
	}
	return []connection.Problem{{Code: code, Message: f.Message, Action: actionOf(f.Code)}}, nil
}
