package mail

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
)

// The headers of SendGrid's signatures.
const (
	sendGridSignature = "X-Twilio-Email-Event-Webhook-Signature"
	sendGridTimestamp = "X-Twilio-Email-Event-Webhook-Timestamp"
)

// VerifySendGrid checks the ECDSA signature of the timestamp and the raw body. The key is the
// public key of the security policy, as SendGrid shows it or as PEM. A policy with OAuth
// alone is not supported: its requests are unsigned.
//
// It does not look at the age of the timestamp. SendGrid repeats a request for three days, and its
// pages do not say that it signs each one again (see SignatureLife).
func VerifySendGrid(publicKey string, h http.Header, body []byte) error {
	text, timestamp := h.Get(sendGridSignature), h.Get(sendGridTimestamp)
	if text == "" || timestamp == "" {
		return ErrUnsigned
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(h.Values(sendGridSignature)) > 1 || len(h.Values(sendGridTimestamp)) > 1 {
		return ErrSignature
	}
	key := ecdsaKey(publicKey)
	if key == nil {
		return ErrSignature
	}
	sum := sha256.New()
	sum.Write([]byte(timestamp))
	sum.Write(body)
	if !ecdsa.VerifyASN1(key, sum.Sum(nil), signature) {
		return ErrSignature
	}
	return nil
}

// IsSendGridKey reports whether a text is a public key that VerifySendGrid can use.
func IsSendGridKey(text string) bool { return ecdsaKey(text) != nil }

// ecdsaKey returns a public key, or nil. A PEM key that was pasted into one line is read too.
func ecdsaKey(text string) *ecdsa.PublicKey {
	var der []byte
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der = block.Bytes
	} else {
		text = strings.NewReplacer("-----BEGIN PUBLIC KEY-----", "", "-----END PUBLIC KEY-----", "", `\n`, "").Replace(text)
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil
		}
		der = decoded
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil
	}
	public, _ := key.(*ecdsa.PublicKey)
	return public
}
