// Package listen opens listening sockets.
package listen

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// TCP listens on a TCP address. It has a readable error for an address in use.
func TCP(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the address %s is in use by another program", address)
	}
	return l, err
}
