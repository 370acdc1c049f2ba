package meta

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// soon is how long before its end a token or a version is reported.
const (
	tokenSoon   = 7 * 24 * time.Hour
	versionSoon = 60 * 24 * time.Hour
)

// verification collects what is wrong with an account.
type verification struct {
	*Client

	service  service
	root     string
	account  channel.Account
	token    string
	webhook  string // our URL
	app      string // the id of the app; empty: unknown
	problems []connection.Problem
	ended    bool // the token is invalid, so nothing else can be asked
}

// step asks one thing. Its failure is the provider's refusal, or that there is no answer.
type step func(ctx context.Context, v *verification) *channel.SendError

// verify takes the steps. A refusal is a problem, and ends nothing but its step; without an
// answer the verification ends. What keeps the account from sending comes first.
func (c *Client) verify(ctx context.Context, s service, root string, a channel.Account, webhookURL string, steps ...step) ([]connection.Problem, error) {
	v := &verification{Client: c, service: s, root: root, account: a, token: a.Secrets[accessToken], webhook: webhookURL}
	v.checkVersion()
	for _, ask := range steps {
		f := ask(ctx, v)
		switch {
		case f == nil:
		case noAnswer(f):
			return nil, f
		default:
			v.refused(f)
		}
		if v.ended {
			break
		}
	}
	slices.SortStableFunc(v.problems, func(a, b connection.Problem) int {
		switch {
		case a.Passes() == b.Passes():
			return 0
		case b.Passes():
			return -1
		}
		return 1
	})
	return v.problems, nil
}

// add adds a problem, unless an earlier step has met it.
func (v *verification) add(code, message, action string) {
	p := connection.Problem{Code: code, Message: message, Action: action, Since: v.Now()}
	if !slices.ContainsFunc(v.problems, func(o connection.Problem) bool { return o.Code == code && o.Message == message }) {
		v.problems = append(v.problems, p)
	}
}

// invalidToken is Meta's code of a token that is not valid, or valid no more.
const invalidToken = 190

// refused adds a refusal in Meta's words.
func (v *verification) refused(f *channel.SendError) {
	v.add(strconv.Itoa(f.Code), wordsOf(f), adviceOf(f))
	v.ended = v.ended || f.Code == invalidToken
}

// adviceOf returns what the owner can do about a refusal.
func adviceOf(f *channel.SendError) string {
	if strings.Contains(f.Message, "appsecret_proof") {
		return "Turn off Require App Secret under App settings > Advanced: messages are sent without a proof of it."
	}
	return cmp.Or(f.Action, actionOf(f.Code, 0))
}

func wordsOf(f *channel.SendError) string {
	if f.Details == "" {
		return f.Message
	}
	return f.Message + ": " + f.Details
}

// optional returns a step whose refusal does not mean that the account cannot send.
func optional(ask step) step {
	return func(ctx context.Context, v *verification) *channel.SendError {
		f := ask(ctx, v)
		if f == nil || noAnswer(f) {
			return f
		}
		v.add(connection.NotSubscribed, wordsOf(f), adviceOf(f))
		return nil
	}
}

// noAnswer reports whether a failure says nothing about the account.
func noAnswer(f *channel.SendError) bool {
	return f.Kind == channel.Unsent || f.Kind == channel.Unknown || f.Kind == channel.Throttled
}

func (v *verification) checkVersion() {
	end, known := versionEnd(v.version)
	const action = "Ask the operator of the deployment to set MetaGraphVersion to a later version."
	switch now := v.Now(); {
	case !known || now.Before(end.Add(-versionSoon)):
	case now.Before(end):
		v.add(connection.ProviderOld, fmt.Sprintf("Version %s of the Graph API ends on %s", v.version, end.Format(time.DateOnly)), action)
	default:
		v.add(connection.ProviderOld, fmt.Sprintf("Version %s of the Graph API has ended; Meta serves a later one in its place", v.version), action)
	}
}

type debugShape struct {
	Data struct {
		App     string   `json:"app_id"`
		Valid   bool     `json:"is_valid"`
		Expires int64    `json:"expires_at"` // 0: never
		Access  int64    `json:"data_access_expires_at"`
		Scopes  []string `json:"scopes"`
		Page    string   `json:"profile_id"`
		Error   struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	} `json:"data"`
}

// tokenStep checks the token: that it is valid for some time, and has one of the permissions.
// A page's token must be that of the page; "" is any.
func tokenStep(page string, permissions ...string) step {
	return func(ctx context.Context, v *verification) *channel.SendError {
		var shape debugShape
		if f := v.read(ctx, v.service, v.root+"/debug_token?input_token="+url.QueryEscape(v.token), v.token, &shape); f != nil {
			return f
		}
		d := shape.Data
		if !d.Valid {
			return &channel.SendError{Kind: channel.Stopped, Code: invalidToken, Message: cmp.Or(hide(d.Error.Message, v.token), "The access token is not valid")}
		}
		v.app = d.App
		for _, end := range []int64{d.Expires, d.Access} {
			if at := time.Unix(end, 0).UTC(); end > 0 && at.Before(v.Now().Add(tokenSoon)) {
				v.add(connection.TokenExpires, "The access token ends at "+at.Format(time.RFC3339), "Make a token of a system user, which does not end, and rotate the connection's credentials.")
				break
			}
		}
		if !slices.ContainsFunc(permissions, func(name string) bool { return slices.Contains(d.Scopes, name) }) {
			v.add("permission", "The access token lacks the permission "+strings.Join(permissions, " or "), "Make a token with this permission and rotate the connection's credentials.")
		}
		if page != "" && d.Page != page {
			v.add("page_token", "The access token is not that of the page "+page, "Make a page access token under Messenger > Messenger API Settings and rotate the connection's credentials.")
		}
		return nil
	}
}

// secretStep checks the app secret: Meta verifies a proof that is made with it.
func secretStep(id string) step {
	return func(ctx context.Context, v *verification) *channel.SendError {
		mac := hmac.New(sha256.New, []byte(v.account.Secrets[appSecret]))
		mac.Write([]byte(v.token))
		f := v.read(ctx, v.service, v.root+"/"+id+"?fields=id&appsecret_proof="+hex.EncodeToString(mac.Sum(nil)), v.token, &idShape{})
		if f != nil && strings.Contains(f.Message, "Invalid appsecret_proof") {
			v.add(connection.WrongSecret, f.Message, "Copy the App secret under App settings > Basic of the app that the access token belongs to, and rotate the connection's credentials. With a wrong one all webhooks are refused.")
			v.app = "" // what needs the secret is not asked
			return nil
		}
		return f
	}
}

type subscriptionsShape struct {
	Data []struct {
		Object string       `json:"object"`
		URL    string       `json:"callback_url"`
		Active bool         `json:"active"`
		Fields []fieldShape `json:"fields"`
	} `json:"data"`
}

type fieldShape struct {
	Name string `json:"name"`
}

// webhookStep checks that the app sends an object's messages to our URL. A URL that the
// number or its account has for itself, as override returns it, counts in place of the app's.
func webhookStep(object string, override func() string) step {
	return func(ctx context.Context, v *verification) *channel.SendError {
		if !numeric(v.app) {
			return nil
		}
		var shape subscriptionsShape
		if f := v.read(ctx, v.service, v.root+"/"+v.app+"/subscriptions", v.app+"|"+v.account.Secrets[appSecret], &shape); f != nil {
			return f
		}
		paste := "In the app's console, paste the callback URL " + v.webhook + " and subscribe to the field messages."
		for _, sub := range shape.Data {
			if sub.Object != object || !sub.Active {
				continue
			}
			if !slices.Contains(sub.Fields, fieldShape{"messages"}) {
				v.add(connection.NoMessages, "The app is not subscribed to the webhook field messages", paste)
			}
			if to := cmp.Or(override(), sub.URL); to != v.webhook {
				v.add(connection.WrongWebhook, "Meta sends the messages to "+to, paste)
			}
			return nil
		}
		v.add(connection.WrongWebhook, "The app gets no webhooks of "+v.service.name, paste)
		return nil
	}
}

type subscribedShape struct {
	Data []struct {
		ID     string   `json:"id"`
		Fields []string `json:"subscribed_fields"`
	} `json:"data"`
}

// subscribeStep subscribes the app to a page or an account again: Meta ends a subscription
// whose webhooks have failed for a week. Fields that others have chosen are kept.
func subscribeStep(id func() string, fields ...string) step {
	return func(ctx context.Context, v *verification) *channel.SendError {
		at := id()
		if !numeric(at) {
			return nil
		}
		path := v.root + "/" + at + "/subscribed_apps"
		if len(fields) > 0 {
			var present subscribedShape
			if f := v.read(ctx, v.service, path, v.token, &present); f != nil {
				return f
			}
			all := slices.Clone(fields)
			for _, app := range present.Data {
				if v.app == "" || app.ID == "" || app.ID == v.app {
					all = append(all, app.Fields...)
				}
			}
			slices.Sort(all)
			path += "?" + url.Values{"subscribed_fields": {strings.Join(slices.Compact(all), ",")}}.Encode()
		}
		_, f := v.do(ctx, request{service: v.service, method: http.MethodPost, url: path, token: v.token})
		return f
	}
}
