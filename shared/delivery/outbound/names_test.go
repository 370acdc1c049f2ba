package outbound_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// names is a name server: each name has addresses, and may change them between queries.
type names struct {
	mu    sync.Mutex
	known map[string][][]string // answers in turn, of addresses or one other name; the last stays
	asked map[string]int
}

// serve starts the server and returns a resolver that uses only this server.
func (n *names) serve(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		query := make([]byte, 1500)
		for {
			size, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(n.answer(query[:size]), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

const (
	typeA, typeCNAME, typeAAAA = 1, 5, 28

	headerSize = 12
	noSuchName = 3
)

// answer returns the answer to a query: the name's records, through its aliases.
func (n *names) answer(query []byte) []byte {
	name, end := "", headerSize
	for query[end] != 0 {
		name += string(query[end+1:end+1+int(query[end])]) + "."
		end += 1 + int(query[end])
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	end += 5
	reply := append([]byte{}, query[:end]...)
	binary.BigEndian.PutUint16(reply[2:], 0x8580) // an answer, with authority
	binary.BigEndian.PutUint16(reply[10:], 0)
	records, count, found := n.records(name, kind)
	if !found {
		reply[3] |= noSuchName
	}
	binary.BigEndian.PutUint16(reply[6:], uint16(count))
	return append(reply, records...)
}

func (n *names) records(name string, kind uint16) (records []byte, count int, found bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		turns, ok := n.known[strings.TrimSuffix(strings.ToLower(name), ".")]
		if !ok {
			return records, count, count > 0
		}
		// A and AAAA are queried concurrently, and get the same answer.
		if n.asked == nil {
			n.asked = map[string]int{}
		}
		said := turns[min(n.asked[name]/2, len(turns)-1)]
		n.asked[name]++
		next := ""
		for _, value := range said {
			a, err := netip.ParseAddr(value)
			switch {
			case err != nil:
				next = value + "."
				records = append(records, record(name, typeCNAME, encode(next))...)
				count++
			case a.Is4() && kind == typeA, a.Is6() && kind == typeAAAA:
				records = append(records, record(name, kind, a.AsSlice())...)
				count++
			}
		}
		if next == "" {
			return records, count, true
		}
		name = next
	}
}

func record(name string, kind uint16, data []byte) []byte {
	r := encode(name)
	r = binary.BigEndian.AppendUint16(r, kind)
	r = append(r, 0, 1, 0, 0, 0, 0) // internet, to be kept for no time
	r = binary.BigEndian.AppendUint16(r, uint16(len(data)))
	return append(r, data...)
}

func encode(name string) []byte {
	var b []byte
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0)
}
