package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's scheme; HMAC needs no collision resistance.
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/connection"
)

// Errors of VerifySignature. Callers answer all of them alike; they differ for the log and
// for the connection's state. ErrUnknownKey and ErrAlgorithm also come from requests that are
// not Twilio's.
var (
	ErrUnsigned   = errors.New("the request has no signature")
	ErrSignature  = errors.New("the signature is not that of the request")
	ErrUnknownKey = errors.New("the connection does not have the key of the signature")
	ErrAlgorithm  = errors.New("the algorithm of the signature is unknown")
)

// The headers of a signature.
const (
	signatureHeader = "X-Twilio-Signature"
	settingsHeader  = "X-Twilio-Webhooks-Signature-Settings"
)

// bodyHash is the parameter of the URL with the hash of a JSON body.
const bodyHash = "bodySHA256"

// The secrets of a connection.
const (
	authToken      = "auth_token"
	secondaryToken = "secondary_auth_token" //nolint:gosec // the name of a secret; it is valid beside auth_token while that is rotated
	signingKeyID   = "signing_key_id"
	signingKey     = "signing_key"
)

// VerifySignature checks the signature of a webhook. The URL is the one that is configured at
// Twilio, with the query of the request; it must not be made from the request's Host.
//
// Twilio signs the URL and the names and values of the form, sorted by name. In place of a
// JSON body it signs its hash, which is part of the URL. The key is an auth token with SHA-1,
// or the shared key that a header names, with the algorithm of that header. Neither is ever
// tried in place of the other.
func VerifySignature(secrets connection.Secrets, webhookURL string, header http.Header, body []byte) error {
	signature := header.Values(signatureHeader)
	switch {
	case len(signature) == 0 || signature[0] == "":
		return ErrUnsigned
	case len(signature) > 1 || len(body) > MaxBody:
		return ErrSignature
	}
	keys, algorithm, err := keysOf(secrets, header.Values(settingsHeader))
	if err != nil {
		return err
	}
	signed, err := signedFields(webhookURL, header.Get("Content-Type"), body)
	if err != nil {
		return err
	}
	valid := 0
	for _, key := range keys {
		for _, address := range addresses(webhookURL) {
			mac := hmac.New(algorithm, []byte(key))
			mac.Write([]byte(address + signed))
			want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
			valid |= subtle.ConstantTimeCompare([]byte(signature[0]), []byte(want))
		}
	}
	if valid == 0 {
		return ErrSignature
	}
	return nil
}

// keysOf returns the keys that may have made a signature, and their algorithm.
func keysOf(secrets connection.Secrets, settings []string) ([]string, func() hash.Hash, error) {
	if strings.Join(settings, "") == "" {
		keys := slices.DeleteFunc([]string{secrets[authToken], secrets[secondaryToken]}, func(key string) bool { return key == "" })
		if len(keys) == 0 {
			return nil, nil, ErrUnknownKey
		}
		return keys, sha1.New, nil
	}
	id, name := readSettings(settings)
	var algorithm func() hash.Hash
	switch name {
	case "HMAC_SHA256":
		algorithm = sha256.New
	case "HMAC_SHA1":
		algorithm = sha1.New
	default:
		return nil, nil, fmt.Errorf("%w: %.40q", ErrAlgorithm, name)
	}
	if id == "" || secrets[signingKey] == "" || subtle.ConstantTimeCompare([]byte(id), []byte(secrets[signingKeyID])) == 0 {
		return nil, nil, fmt.Errorf("%w: %.100q", ErrUnknownKey, id)
	}
	return []string{secrets[signingKey]}, algorithm, nil
}

// readSettings reads key=ID,algorithm=NAME. What is given twice is as good as not given.
func readSettings(settings []string) (id, algorithm string) {
	values := url.Values{}
	for part := range strings.SplitSeq(strings.Join(settings, ","), ",") {
		name, value, _ := strings.Cut(part, "=")
		values.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	only := func(name string) string {
		if len(values[name]) != 1 {
			return ""
		}
		return values[name][0]
	}
	return only("key"), only("algorithm")
}

// signedFields returns what is signed after the URL: the fields of a form, by name, each with
// its distinct values, sorted. A JSON body is checked here, as its hash is signed in the URL.
func signedFields(webhookURL, contentType string, body []byte) (string, error) {
	_, query, _ := strings.Cut(webhookURL, "?")
	parameters, _ := url.ParseQuery(query) // a broken part of it is signed as it is
	if hashes, ok := parameters[bodyHash]; ok || isJSON(contentType) {
		sum := sha256.Sum256(body)
		if len(hashes) != 1 || subtle.ConstantTimeCompare([]byte(hashes[0]), []byte(hex.EncodeToString(sum[:]))) == 0 {
			return "", fmt.Errorf("%w: the hash of the body is wrong", ErrSignature)
		}
		return "", nil
	}
	fields, err := formFields(body)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSignature, err)
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		values := slices.Clone(fields[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			b.WriteString(name + value)
		}
	}
	return b.String(), nil
}

// addresses returns the spellings of a URL that Twilio may have signed: without and with its
// port. API Gateway does not keep the order of parameters; Twilio adds the hash of the body
// as the last.
func addresses(webhookURL string) []string {
	all := ports(webhookURL)
	if path, query, ok := strings.Cut(webhookURL, "?"); ok {
		parts := strings.Split(query, "&")
		last := slices.IndexFunc(parts, func(part string) bool { return strings.HasPrefix(part, bodyHash+"=") })
		if last >= 0 && last < len(parts)-1 {
			hash := parts[last]
			parts = append(slices.Delete(parts, last, last+1), hash)
			all = append(all, ports(path+"?"+strings.Join(parts, "&"))...)
		}
	}
	return all
}

func ports(address string) []string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return []string{address}
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') {
		return []string{address, scheme + "://" + host[:colon] + path}
	}
	port := ":80"
	if strings.EqualFold(scheme, "https") {
		port = ":443"
	}
	return []string{address, scheme + "://" + host + port + path}
}
