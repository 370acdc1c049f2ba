package outbound_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/fault"
)

// lines is a server that returns each request's first line without parsing it.
func lines(t *testing.T) (address string, got <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	came := make(chan string, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(c).ReadString('\n')
			came <- strings.TrimRight(line, "\r\n")
			_, _ = c.Write([]byte("HTTP/1.1 204 No Content\r\n\r\n"))
			_ = c.Close()
		}
	}()
	return l.Addr().String(), came
}

// A URL is requested as written; characters that a URL must not contain are escaped.
func TestRequestLine(t *testing.T) {
	address, got := lines(t)
	client := outbound.NewClient(outbound.NewGuard(loopback()), nil, time.Now)
	checker := outbound.Checker{Guard: outbound.NewGuard(loopback())}
	for written, want := range map[string]string{
		"":                            "/",
		"/":                           "/",
		"?":                           "/?",
		"?a=b":                        "/?a=b",
		"/a%2Fb/\u00e9":               "/a%2Fb/%C3%A9",
		"/a%2fb":                      "/a%2fb",
		"/a/b/%C3%A9":                 "/a/b/%C3%A9",
		"/%7Ea/~a":                    "/%7Ea/~a",
		"/a b/\"<>\\^`{|}":            "/a%20b/%22%3C%3E%5C%5E%60%7B%7C%7D",
		"/a;b=1,2(3)*!$&'+:@":         "/a;b=1,2(3)*!$&'+:@",
		"/[x]":                        "/%5Bx%5D",
		"//a/../b/./c":                "//a/../b/./c",
		"/a?q=a b&n=\u00fc&r=%20+":    "/a?q=a%20b&n=%C3%BC&r=%20+",
		"/a?u=https://h/?x&l[]=1":     "/a?u=https://h/?x&l%5B%5D=1",
		"/a?\xff":                     "/a?%FF",
		"/a?b#\u00e9":                 "/a?b",
		"/\u65e5\u672c?\u8a9e=\u00a0": "/%E6%97%A5%E6%9C%AC?%E8%AA%9E=%C2%A0",
	} {
		url := "http://" + address + written
		if err := checker.Check(t.Context(), "url", url); err != nil {
			t.Errorf("%q cannot be registered: %v", written, err)
		}
		if result := post(t, client, url); result.Status != 204 {
			t.Fatalf("%q: got %+v, want status 204", written, result)
		}
		if line := <-got; line != "POST "+want+" HTTP/1.1" {
			t.Errorf("%q:\ngot  %s\nwant POST %s HTTP/1.1", written, line, want)
		}
	}
}

// URLs that two parsers would read differently are refused at registration.
func TestRefusedURLs(t *testing.T) {
	checker := outbound.Checker{Guard: outbound.NewGuard(loopback()), Resolver: (&names{known: known()}).serve(t)}
	const (
		escapes       = "url must not have a % that begins no escape such as %20"
		international = "url must have an international host name in its ASCII form, which begins with xn--"
	)
	for url, want := range map[string]string{
		"https://good.test/100%":         escapes,
		"https://good.test/%zz":          escapes,
		"https://good.test/%2":           escapes,
		"https://good.test/?q=100%":      escapes,
		"https://good.test/?q=%u00e9":    escapes,
		"https://b\u00fccher.test/":      international,
		"https://b%C3%BCcher.test/":      international,
		"https://\u4f8b\u3048.test/hook": international,
		"https://good\u3002test/":        international,
		"https://good.test/" + strings.Repeat("\u00e9", delivery.MaxURL/4): fmt.Sprintf("url must be at most %d bytes", delivery.MaxURL),
	} {
		err := checker.Check(t.Context(), "url", url)
		if e := fault.From(err); e == nil || e.Code != fault.Invalid || e.Message != want {
			t.Errorf("%s:\ngot  %v\nwant %s", url, err, want)
		}
	}
	if err := checker.Check(t.Context(), "url", "https://xn--bcher-kva.good.test/"); err == nil || !strings.Contains(err.Error(), "must have a host that resolves") {
		t.Errorf("the ASCII form of an international name: got %v, want that it does not resolve", err)
	}
}
