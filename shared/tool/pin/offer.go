package pin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Offered is a tool as a model is offered it, but for its name (see Name).
type Offered struct {
	Name        string // the server's
	SHA256      string // of the definition that somebody agreed to
	Description string
	Schema      json.RawMessage
}

// Offer returns what a model is offered of pinned tools. Pins that cannot be read are left out.
// It runs in the first turn of a function, which has little processor, and so it does not look
// again for the problems that Agree has refused.
func Offer(allow []agent.Pin) []Offered {
	var offered []Offered
	for _, p := range allow[:min(len(allow), MaxTools)] {
		d, err := Read(p)
		if err != nil {
			continue
		}
		offered = append(offered, Offered{Name: d.Name, SHA256: p.SHA256, Description: d.shown(), Schema: cleanSchema(d.InputSchema)})
	}
	return offered
}

const (
	nameAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	longestName  = 64
	keptName     = 48 // in front of the hash
	hashDigits   = 8
)

// Name returns the name under which a model calls a server's tool: providers take 1 to 64
// letters, digits, _ and -. A name that is not of that form, or that another tool of the agent
// has, gets a part of a hash, so that it is the same in each turn. server is the id of the
// server's agent.Tool.
func Name(server, name string, taken func(name string) bool) string {
	if strings.Trim(name, nameAlphabet) == "" && name != "" && len(name) <= longestName && !taken(name) {
		return name
	}
	kept := strings.Map(func(r rune) rune {
		if strings.ContainsRune(nameAlphabet, r) {
			return r
		}
		return '_'
	}, name)
	kept = kept[:min(len(kept), keptName)]
	for text := server + "\n" + name; ; text += "\n" {
		sum := sha256.Sum256([]byte(text))
		if hashed := kept + "_" + hex.EncodeToString(sum[:])[:hashDigits]; !taken(hashed) {
			return hashed
		}
	}
}
