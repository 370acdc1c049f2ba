package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// FailureOf returns the customer-facing name of the cause of a failed attempt.
func FailureOf(err error) delivery.Failure {
	var timeout net.Error
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	switch {
	case is(ErrNotAllowed):
		return delivery.NotAllowed
	case is(context.DeadlineExceeded, context.Canceled) || errors.As(err, &timeout) && timeout.Timeout():
		return delivery.TimedOut
	case as[*net.DNSError](err):
		return delivery.NotFound
	case is(syscall.ECONNREFUSED):
		return delivery.Refused
	case is(syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EADDRNOTAVAIL):
		return delivery.Unreachable
	case is(syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF):
		return delivery.Closed
	case as[*tls.CertificateVerificationError](err) || as[tls.RecordHeaderError](err) || as[tls.AlertError](err) ||
		as[x509.UnknownAuthorityError](err) || as[x509.HostnameError](err) || strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "to HTTPS client"):
		return delivery.BadTLS
	}
	return delivery.BadAnswer
}

func as[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// retryAfter returns the delay that a receiver asks for.
func retryAfter(res *http.Response, now time.Time) time.Duration {
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	text := strings.TrimSpace(res.Header.Get("Retry-After"))
	seconds, err := strconv.ParseUint(text, 10, 31)
	if err == nil || errors.Is(err, strconv.ErrRange) { // out of range: use the maximum
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
