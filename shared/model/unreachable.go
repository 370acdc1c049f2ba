package model

import (
	"errors"
	"io"
	"net"
	"net/url"
	"syscall"
)

// Unreachable reports whether err is a failure of the connection and not a bad
// answer. Providers return ModelUnavailable for it.
func Unreachable(err error) bool {
	if _, ok := errors.AsType[*net.OpError](err); ok || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return true
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return true
	}
	// The other side closed the connection instead of answering.
	exchange, ok := errors.AsType[*url.Error](err)
	return ok && (errors.Is(exchange, io.EOF) || errors.Is(exchange, io.ErrUnexpectedEOF))
}
