package meta

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

// maxRedirects bounds the redirects of a download.
const maxRedirects = 3

// errGone is the cause of a failure whose URL may have expired.
var errGone = errors.New("the URL has expired")

// downloaded is a file as it arrived.
type downloaded struct {
	data        []byte
	contentType string
}

// Fetch returns a file that a person sent. The webhook's URL lasts five minutes; after that
// Meta is asked for another one by the file's id, which lasts seven days.
func (w WhatsApp) Fetch(ctx context.Context, a channel.Account, m channel.Media, limit int64) (data []byte, contentType string, err error) {
	from := senderOf(a)
	if m.URL != "" {
		got, failed := w.download(ctx, whatsApp, m.URL, from.Token, limit)
		if failed == nil || m.ID == "" || !errors.Is(failed, errGone) {
			return whatsApp.checked(got, failed, m)
		}
	}
	located, failed := w.locate(ctx, from, m.ID)
	if failed != nil {
		return nil, "", failed
	}
	m.SHA256 = cmp.Or(m.SHA256, located.SHA256)
	m.ContentType = cmp.Or(m.ContentType, located.ContentType)
	if size, err := strconv.ParseInt(string(located.Size), 10, 64); err == nil && size > limit {
		return nil, "", tooLarge(limit)
	}
	got, failed := w.download(ctx, whatsApp, located.URL, from.Token, limit)
	return whatsApp.checked(got, failed, m)
}

// Fetch returns a file that a person sent. Its URL suffices, and gets no token.
func (i Instagram) Fetch(ctx context.Context, _ channel.Account, m channel.Media, limit int64) (data []byte, contentType string, err error) {
	got, failed := i.download(ctx, instagram, m.URL, "", limit)
	return instagram.checked(got, failed, m)
}

// Fetch returns a file that a person sent. Its URL suffices, and gets no token.
func (p Messenger) Fetch(ctx context.Context, _ channel.Account, m channel.Media, limit int64) (data []byte, contentType string, err error) {
	got, failed := p.download(ctx, messenger, m.URL, "", limit)
	return messenger.checked(got, failed, m)
}

type mediaShape struct {
	URL         string   `json:"url"`
	ContentType string   `json:"mime_type"`
	SHA256      string   `json:"sha256"`
	Size        flexible `json:"file_size"`
}

// flexible is a number that Meta writes as a string or as a number.
type flexible string

// UnmarshalJSON takes any value; one that is neither leaves no number.
func (f *flexible) UnmarshalJSON(text []byte) error {
	*f = flexible(bytes.Trim(text, `"`))
	return nil
}

// locate asks for the present URL of a file.
func (c *Client) locate(ctx context.Context, from channel.Sender, id string) (mediaShape, *channel.SendError) {
	var shape mediaShape
	if !numeric(id) {
		return shape, rejected("The file has neither a URL nor an id")
	}
	failed := c.read(ctx, whatsApp, c.root()+"/"+id+"?phone_number_id="+url.QueryEscape(from.PhoneNumberID), from.Token, &shape)
	return shape, failed
}

// checked returns a file whose checksum is the one that the webhook has.
func (s service) checked(got downloaded, failed *channel.SendError, m channel.Media) (data []byte, contentType string, err error) {
	if failed != nil {
		return nil, "", failed
	}
	if !matches(got.data, m.SHA256) {
		return nil, "", &channel.SendError{Kind: channel.Throttled, Message: "The file from " + s.name + " has another checksum than the message says"}
	}
	kind, _, err := mime.ParseMediaType(got.contentType)
	if err != nil || kind == "application/octet-stream" && m.ContentType != "" {
		kind, _, _ = mime.ParseMediaType(m.ContentType)
	}
	return got.data, kind, nil
}

// matches reports whether data has a SHA-256 checksum, in base64 as in webhooks or in
// hexadecimal as in the API. One in another form is not comparable.
func matches(data []byte, want string) bool {
	sum := sha256.Sum256(data)
	for _, decode := range []func(string) ([]byte, error){base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString, hex.DecodeString} {
		if raw, err := decode(want); err == nil && len(raw) == len(sum) {
			return bytes.Equal(raw, sum[:])
		}
	}
	return true
}

// download gets a file from one of Meta's hosts. A token goes to the first URL only, never
// along a redirect.
func (c *Client) download(ctx context.Context, s service, address, token string, limit int64) (downloaded, *channel.SendError) {
	for range maxRedirects + 1 {
		u, err := url.Parse(address)
		if err != nil || !c.trusted(u) {
			return downloaded{}, rejected("The file is not on a host of Meta's")
		}
		got, location, failed := c.get(ctx, s, u, token, limit)
		if location == nil || failed != nil {
			return got, failed
		}
		address, token = location.String(), ""
	}
	return downloaded{}, rejected("The file's URL redirects too often")
}

// trusted reports whether files may be fetched from a URL, with a token or without.
func (c *Client) trusted(u *url.URL) bool {
	for _, text := range []string{c.url, c.InstagramURL} {
		if api, err := url.Parse(text); err == nil && api.Scheme == u.Scheme && api.Host == u.Host && u.User == nil {
			return true
		}
	}
	name := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && u.User == nil && (u.Port() == "" || u.Port() == "443") && slices.ContainsFunc(c.MediaHosts, func(host string) bool {
		return name == host || strings.HasPrefix(host, ".") && strings.HasSuffix(name, host)
	})
}

// get makes one request of a download. It returns where the answer redirects to, if it does.
func (c *Client) get(ctx context.Context, s service, u *url.URL, token string, limit int64) (downloaded, *url.URL, *channel.SendError) {
	req, err := newRequest(ctx, http.MethodGet, u.String(), token, nil)
	if err != nil {
		return downloaded{}, nil, s.unread(err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return downloaded{}, nil, s.unread(channel.HideQuery(err))
	}
	defer func() { _ = res.Body.Close() }()
	switch status := res.StatusCode; {
	case status >= 300 && status <= 399:
		location, err := res.Location()
		if err != nil {
			return downloaded{}, nil, s.undelivered(status, err)
		}
		return downloaded{}, location, nil
	case status != http.StatusOK:
		return downloaded{}, nil, s.undelivered(status, nil)
	case res.ContentLength > limit:
		return downloaded{}, nil, tooLarge(limit)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return downloaded{}, nil, s.unread(err)
	case int64(len(data)) > limit:
		return downloaded{}, nil, tooLarge(limit)
	}
	return downloaded{data, res.Header.Get("Content-Type")}, nil, nil
}

// undelivered is the failure of a download that was answered without the file.
func (s service) undelivered(status int, cause error) *channel.SendError {
	f := &channel.SendError{Kind: channel.Rejected, Message: fmt.Sprintf("The file could not be fetched from %s: HTTP status %d", s.name, status), Err: cause}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		f.Err = errGone
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		f.Kind = channel.Throttled
	default:
		if status >= 500 {
			f.Kind = channel.Throttled
		}
	}
	return f
}

func tooLarge(limit int64) *channel.SendError {
	return rejected(fmt.Sprintf("The file is larger than %d bytes", limit))
}
