package mail

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Topic is a topic of Amazon SNS to which Amazon SES publishes. It signs with a certificate of a
// chain of its own, and is the HTTP transport that serves that chain and takes confirmations.
type Topic struct {
	ARN string

	// Roots verify the chain.
	Roots *x509.CertPool

	key   *rsa.PrivateKey
	chain []byte // PEM: the certificate and the intermediate one

	mu        sync.Mutex
	confirmed []url.Values
}

// host and place are of SNS in the topic's region.
const (
	host  = "https://sns.us-east-1.amazonaws.com"
	place = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
)

// NewTopic returns a topic with a new chain of certificates.
func NewTopic() *Topic {
	t := &Topic{ARN: "arn:aws:sns:us-east-1:123456789012:mail", Roots: x509.NewCertPool()}
	var parent *x509.Certificate
	var parentKey *rsa.PrivateKey
	for n, name := range []string{"root", "intermediate", "sns.amazonaws.com"} {
		const bits = 2048
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err) // crypto/rand always reads
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(n + 1)), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			IsCA: n < 2, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		}
		if parent == nil {
			parent, parentKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
		if err != nil {
			panic(err) // the template is complete
		}
		if parent, err = x509.ParseCertificate(der); err != nil {
			panic(err) // it was just created
		}
		if n == 0 {
			t.Roots.AddCert(parent)
		} else {
			t.chain = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), t.chain...)
		}
		parentKey, t.key = key, key
	}
	return t
}

// RoundTrip implements http.RoundTripper: it answers as SNS does.
func (t *Topic) RoundTrip(r *http.Request) (*http.Response, error) {
	res := &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Request: r, Body: http.NoBody}
	switch at := r.URL.Scheme + "://" + r.URL.Host + r.URL.Path; {
	case at == host+place:
		res.StatusCode, res.Body = http.StatusOK, io.NopCloser(bytes.NewReader(t.chain))
	case at == host+"/" && r.URL.Query().Get("Action") == "ConfirmSubscription":
		t.mu.Lock()
		defer t.mu.Unlock()
		t.confirmed = append(t.confirmed, r.URL.Query())
		res.StatusCode = http.StatusOK
	}
	return res, nil
}

// Confirmed returns the confirmations of subscriptions.
func (t *Topic) Confirmed() []url.Values {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]url.Values(nil), t.confirmed...)
}

// Name implements Provider.
func (*Topic) Name() string { return "ses" }

// Credentials implements Provider.
func (t *Topic) Credentials() map[string]string { return map[string]string{"topic_arn": t.ARN} }

// Webhook implements Provider, as a rule with an SNS action and the encoding Base64.
func (t *Topic) Webhook(l Letter) Webhook {
	return t.notification(map[string]any{
		"notificationType": "Received",
		"receipt": map[string]any{
			"recipients": []string{l.To}, "spamVerdict": verdict("PASS"), "virusVerdict": verdict("PASS"),
			"action": map[string]string{"type": "SNS", "topicArn": t.ARN, "encoding": "BASE64"},
		},
		"mail":    map[string]any{"timestamp": instant(), "messageId": "o3vrnil0e2ic28tr", "source": l.sender(), "destination": []string{l.To}},
		"content": base64.StdEncoding.EncodeToString([]byte(l.Raw())),
	})
}

// instant is the time of a notification.
func instant() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

func verdict(status string) map[string]string { return map[string]string{"status": status} }

// Bounced returns the notification that a mail with an id, as SendEmail returned it, did not
// arrive.
func (t *Topic) Bounced(id, recipient, status, words string) Webhook {
	return t.notification(map[string]any{
		"notificationType": "Bounce",
		"bounce": map[string]any{
			"bounceType": "Permanent", "bounceSubType": "General", "timestamp": instant(),
			"bouncedRecipients": []map[string]string{{"emailAddress": recipient, "action": "failed", "status": status, "diagnosticCode": words}},
		},
		"mail": map[string]any{"timestamp": instant(), "messageId": id, "destination": []string{recipient}},
	})
}

func (t *Topic) notification(message map[string]any) Webhook { return t.Publish(object(message)) }

// Publish returns the notification of a text.
func (t *Topic) Publish(text string) Webhook {
	return t.sign(map[string]string{
		"Type": "Notification", "Subject": "Amazon SES Email Notification", "Message": text,
		"UnsubscribeURL": host + "/?Action=Unsubscribe",
	}, "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
}

// Confirmation returns the request to confirm a subscription.
func (t *Topic) Confirmation(token string) Webhook {
	return t.sign(map[string]string{
		"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe", "Token": token,
		"SubscribeURL": host + "/?Action=ConfirmSubscription&TopicArn=" + t.ARN + "&Token=" + token,
	}, "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
}

// sign returns a message with a signature of version 2 over some of its fields.
func (t *Topic) sign(fields map[string]string, signed ...string) Webhook {
	fields["MessageId"], fields["Timestamp"], fields["TopicArn"] = "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", instant(), t.ARN
	fields["SignatureVersion"], fields["SigningCertURL"] = "2", host+place
	digest := sha256.New()
	for _, name := range signed {
		_, _ = io.WriteString(digest, name+"\n"+fields[name]+"\n")
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, t.key, crypto.SHA256, digest.Sum(nil))
	if err != nil {
		panic(err) // crypto/rand always reads
	}
	fields["Signature"] = base64.StdEncoding.EncodeToString(signature)
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts always encode
	}
	return Webhook{Header: http.Header{"Content-Type": {"text/plain; charset=UTF-8"}, "X-Amz-Sns-Message-Type": {fields["Type"]}}, Body: body}
}
