package outbound_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/quintet-agents/quintet/shared/delivery/outbound"
)

// A provider's client is behind the guard too, and takes no token to another host.
func TestHTTPClient(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)

	res, err := outbound.NewHTTPClient(outbound.NewGuard(loopback()), nil).Get(server.URL)
	if err != nil || res.StatusCode != http.StatusTemporaryRedirect {
		t.Fatalf("got %v, %v, want the redirect itself", res, err)
	}
	_ = res.Body.Close()

	res, err = outbound.NewHTTPClient(outbound.NewGuard(nil), nil).Get(server.URL)
	if _, ok := errors.AsType[*url.Error](err); !ok {
		_ = res.Body.Close()
		t.Errorf("got %v, want a refusal: the address is private", err)
	}
}
