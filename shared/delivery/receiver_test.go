package delivery

import "testing"

func TestReceiverOf(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.com/hook":                  "example.com:443",
		"https://EXAMPLE.com./other?x=1":            "example.com:443",
		"HTTPS://Example.Com:443":                   "example.com:443",
		"https://example.com:0443/":                 "example.com:443",
		"https://example.com:/":                     "example.com:443",
		"http://example.com":                        "example.com:80",
		"http://example.com:443":                    "example.com:443",
		"https://xn--BCHER-kva.example/":            "xn--bcher-kva.example:443",
		"http://127.0.0.1:8080":                     "127.0.0.1:8080",
		"http://127.0.0.1.:8080":                    "127.0.0.1:8080",
		"http://[2001:DB8:0:0::1]":                  "[2001:db8::1]:80",
		"http://[2001:db8::1]:80/":                  "[2001:db8::1]:80",
		"http://[::ffff:192.0.2.1]:8080":            "192.0.2.1:8080",
		"http://a b/":                               "http://a b/",
		"https://other.example.com/?at=example.com": "other.example.com:443",
	} {
		if got := receiverOf(raw); got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
	}
}
