// Package listen opens addresses.
package listen

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// TCP opens a TCP address. The error for an address in use says so in plain words.
func TCP(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the address %s is in use by another program", address)
	}
	return l, err
}
