package outbound_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/secret"
)

// forbidden is a listener that no request may reach; it counts connections.
type forbidden struct {
	port     int
	accepted atomic.Int64
}

func listen(t *testing.T) *forbidden {
	t.Helper()
	f := &forbidden{}
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.port = first.Addr().(*net.TCPAddr).Port
	listeners := []net.Listener{first}
	if six, err := net.Listen("tcp", fmt.Sprintf("[::1]:%d", f.port)); err == nil { // if the machine has it
		listeners = append(listeners, six)
	}
	for _, l := range listeners {
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				f.accepted.Add(1)
				_ = c.Close()
			}
		}()
	}
	return f
}

// vectors are URLs that lead to forbidden addresses; $P is the listener's port. Host names
// are resolved by the test's name server.
var vectors = []string{
	// Plain addresses in several notations.
	"http://127.0.0.1:$P/", "http://127.0.0.1:$P/hook?x=1#y", "HTTP://127.0.0.1:$P/", "https://127.0.0.1:$P/",
	"http://127.0.0.2:$P/", "http://127.255.255.254:$P/", "http://0.0.0.0:$P/", "http://0:$P/", "http://127.1:$P/", "http://127.0.1:$P/",
	"http://2130706433:$P/", "http://017700000001:$P/", "http://0x7f000001:$P/", "http://0x7f.0.0.1:$P/", "http://0X7F.1:$P/",
	"http://0177.0.0.1:$P/", "http://127.0.0.01:$P/", "http://127.0.0.1.:$P/", "http://4294967297:$P/", "http://127.0.0x1:$P/",
	"http://0x:$P/", "http://0b1:$P/", "http://0O17.1:$P/", "http://a.0o7:$P/", "http://1.0x7f:$P/", "http://%31%32%37.0.0.1:$P/", "http://①②⑦.⓪.⓪.①:$P/", "http://127。0。0。1:$P/",
	"http://127.0.0.1%00.example.com:$P/", "http://127.0.0.1%2eexample.com:$P/", "http://example.com%20@127.0.0.1:$P/",
	// IPv6.
	"http://[::1]:$P/", "http://[0:0:0:0:0:0:0:1]:$P/", "http://[0000:0000:0000:0000:0000:0000:0000:0001]:$P/", "http://[::]:$P/",
	"http://[::ffff:127.0.0.1]:$P/", "http://[::ffff:7f00:1]:$P/", "http://[::127.0.0.1]:$P/", "http://[::1%25lo]:$P/", "http://[fe80::1%25lo]:$P/",
	"http://[fe80::1]:$P/", "http://[fc00::1]:$P/", "http://[fd00:ec2::254]:$P/", "http://[ff02::1]:$P/", "http://[2001:db8::1]:$P/",
	"http://[64:ff9b::7f00:1]:$P/", "http://[64:ff9b:1::7f00:1]:$P/", "http://[2002:7f00:1::]:$P/", "http://[2001:0:7f00:1::]:$P/", "http://::1:$P/",
	// Private networks, cloud metadata addresses, reserved networks.
	"http://10.0.0.1:$P/", "http://172.16.0.1:$P/", "http://172.31.255.255:$P/", "http://192.168.0.1:$P/", "http://100.64.0.1:$P/",
	"http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/credentials", "http://169.254.100.1:9001/2018-06-01/runtime/invocation/next",
	"http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "http://168.63.129.16.:$P/", "http://198.18.0.1:$P/", "http://192.0.2.1:$P/",
	"http://224.0.0.1:$P/", "http://240.0.0.1:$P/", "http://255.255.255.255:$P/",
	// Names.
	"http://localhost:$P/", "http://LOCALHOST.:$P/", "http://private.test:$P/", "http://private.test.:$P/", "http://six.test:$P/",
	"http://mapped.test:$P/", "http://metadata.test/", "http://alias.test:$P/", "http://chain.test:$P/", "http://mixed.test:$P/", "http://nat64.test:$P/",
	// Disguised targets.
	"http://user:pass@127.0.0.1:$P/", "http://user@private.test:$P/", "http://:@127.0.0.1:$P/", "http://good.test@127.0.0.1:$P/",
	`http://good.test\@127.0.0.1:$P/`, "http://private.test:$P/#@good.test", "http://private.test:$P?@good.test/", "http:127.0.0.1:$P/", "http:/127.0.0.1:$P/", "//127.0.0.1:$P/", "http:///127.0.0.1:$P/",
	"ftp://127.0.0.1:$P/", "gopher://127.0.0.1:$P/_x", "file:///etc/passwd", "unix:///var/run/docker.sock", "javascript:alert(1)", "data:,x", "jar:http://127.0.0.1:$P/!",
	// Odd ports.
	"http://private.test:0/", "http://private.test:65536/", "http://private.test:-1/", "http://private.test:$P:80/", "http://private.test:0x50/",
	"http://127.0.0.1: $P/", "http://private.test:８０/",
}

func known() map[string][][]string {
	return map[string][][]string{
		"private.test": {{"127.0.0.1"}}, "six.test": {{"::1"}}, "mapped.test": {{"::ffff:127.0.0.1"}}, "metadata.test": {{"169.254.169.254"}},
		"nat64.test": {{"64:ff9b::7f00:1"}}, "alias.test": {{"private.test"}},
		"chain.test": {{"one.test"}}, "one.test": {{"two.test"}}, "two.test": {{"three.test"}}, "three.test": {{"127.0.0.1"}},
		"mixed.test":   {{"127.0.0.2", "127.0.0.1"}},
		"good.test":    {{"93.184.216.34"}},
		"rebound.test": {{"93.184.216.34"}, {"127.0.0.1"}},
		"turned.test":  {{"93.184.216.34"}, {"private.test"}},
	}
}

var address = regexp.MustCompile(`\d+\.\d+\.\d+|::|\[|dial|lookup`)

// No vector reaches the listener, at registration or at delivery, and no error contains an
// address.
func TestForbidden(t *testing.T) {
	f := listen(t)
	resolver := (&names{known: known()}).serve(t)
	guard := outbound.NewGuard(nil)
	checker := outbound.Checker{Guard: guard, Resolver: resolver}
	client := outbound.NewClient(guard, resolver, time.Now)
	if len(vectors) < 60 {
		t.Errorf("got %d vectors, want at least 60", len(vectors))
	}
	for _, v := range vectors {
		url := strings.ReplaceAll(v, "$P", fmt.Sprint(f.port))
		err := checker.Check(t.Context(), "url", url)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want Invalid", v, err)
		}
		if err != nil && address.MatchString(err.Error()) {
			t.Errorf("%s: got error %v, want one without an address", v, err)
		}
		got := post(t, client, url)
		if got.Status != 0 || got.Failure == "" || address.MatchString(string(got.Failure)) || got.Answer != "" {
			t.Errorf("%s: got %+v, want a failure without status, answer or address", v, got)
		}
	}
	if n := f.accepted.Load(); n != 0 {
		t.Errorf("got %d connections, want none", n)
	}
}

// The address is checked when it is dialled: a harmless one at registration does not help
// (DNS rebinding).
func TestRebinding(t *testing.T) {
	f := listen(t)
	resolver := (&names{known: known()}).serve(t)
	guard := outbound.NewGuard(nil)
	client := outbound.NewClient(guard, resolver, time.Now)
	for _, host := range []string{"rebound.test", "turned.test"} {
		url := "http://" + net.JoinHostPort(host, strconv.Itoa(f.port)) + "/"
		if err := (outbound.Checker{Guard: guard, Resolver: resolver}).Check(t.Context(), "url", url); err != nil {
			t.Errorf("%s was public when it was registered: %v", host, err)
		}
		for range 3 {
			if got := post(t, client, url); got.Failure != delivery.NotAllowed {
				t.Errorf("%s: got %+v, want %s", host, got, delivery.NotAllowed)
			}
		}
	}
	if n := f.accepted.Load(); n != 0 {
		t.Errorf("got %d connections, want none", n)
	}
}

// A redirect is a failed attempt, like every status but 2xx.
func TestRedirects(t *testing.T) {
	f := listen(t)
	client := outbound.NewClient(outbound.NewGuard(loopback()), nil, time.Now)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, fmt.Sprintf("http://127.0.0.1:%d/", f.port), status)
		}))
		if got := post(t, client, server.URL); got.Status != status || got.Done() {
			t.Errorf("%d: got %+v, want that status, not done", status, got)
		}
		server.Close()
	}
	if n := f.accepted.Load(); n != 0 {
		t.Errorf("got %d redirects followed, want none", n)
	}
}

// Opened networks do not include the Lambda runtime API.
func TestRuntimeAPI(t *testing.T) {
	f := listen(t)
	never := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(f.port))
	guard := outbound.NewGuard(loopback(), never)
	url := "http://" + never.String() + "/2018-06-01/runtime/invocation/next"
	if err := (outbound.Checker{Guard: guard}).Check(t.Context(), "url", url); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v for a new webhook, want Invalid", err)
	}
	if got := post(t, outbound.NewClient(guard, nil, time.Now), url); got.Failure != delivery.NotAllowed {
		t.Errorf("got %+v, want %s", got, delivery.NotAllowed)
	}
	if n := f.accepted.Load(); n != 0 {
		t.Errorf("got %d connections, want none", n)
	}
}

// The environment's proxy is not used: it would dial without the guard.
func TestNoProxy(t *testing.T) {
	f := listen(t)
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		old, had := os.LookupEnv(name)
		if err := os.Setenv(name, fmt.Sprintf("http://127.0.0.1:%d", f.port)); err != nil { //nolint:usetesting // Go reads it once
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if had {
				_ = os.Setenv(name, old) //nolint:usetesting // as above
			} else {
				_ = os.Unsetenv(name)
			}
		})
	}
	resolver := (&names{known: known()}).serve(t)
	client := outbound.NewClient(outbound.NewGuard(nil), resolver, time.Now)
	for _, url := range []string{"http://private.test/", "https://private.test/"} {
		if got := post(t, client, url); got.Failure != delivery.NotAllowed {
			t.Errorf("%s: got %+v, want %s", url, got, delivery.NotAllowed)
		}
	}
	if n := f.accepted.Load(); n != 0 {
		t.Errorf("got %d requests to the proxy, want none", n)
	}
}

// Public addresses can be registered, with any port.
func TestAllowed(t *testing.T) {
	resolver := (&names{known: known()}).serve(t)
	checker := outbound.Checker{Guard: outbound.NewGuard(nil), Resolver: resolver}
	for _, url := range []string{
		"https://good.test/hook", "http://good.test:8443/hook?a=b", "HTTPS://GOOD.TEST./", "https://93.184.216.34/", "http://[2606:2800:220:1::1]:8080/",
	} {
		if err := checker.Check(t.Context(), "url", url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	if err := checker.Check(t.Context(), "url", "https://nowhere.test/"); err == nil || !strings.Contains(err.Error(), "url must have a host that resolves") {
		t.Errorf("got error %v, want url must have a host that resolves", err)
	}
	if err := checker.Check(t.Context(), "url", "https://good.test/"+strings.Repeat("x", delivery.MaxURL)); err == nil {
		t.Errorf("got a URL of more than %d bytes accepted, want an error", delivery.MaxURL)
	}
}

func TestParseNetworks(t *testing.T) {
	for list, want := range map[string]int{"": 0, "127.0.0.0/8": 1, "127.0.0.0/8, ::1/128": 2, "10.0.0.0/8,192.168.0.0/16": 2} {
		if got, err := outbound.ParseNetworks(list); err != nil || len(got) != want {
			t.Errorf("%q: got %v, %v; want %d networks", list, got, err, want)
		}
	}
	if _, err := outbound.ParseNetworks("127.0.0.1"); err == nil {
		t.Error("got an address accepted as a network, want an error")
	}
}

func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

var testSecret = secret.New()

func post(t *testing.T, client *outbound.Client, url string) delivery.Result {
	t.Helper()
	got, err := client.Post(t.Context(), delivery.Request{
		URL: url, ID: "msg_1", At: time.Now(), Body: []byte(`{"a":1}`), Secrets: []string{testSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}
