package pin

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/model"
)

// Offered is a tool as a model is offered it.
type Offered struct {
	Server string // the id of the server's agent.Tool
	Name   string // the server's name of the tool
	Tool   model.Tool
}

// Offer returns what a model is offered of a server's pinned tools. Pins that cannot be read
// are left out. taken reports whether another tool of the agent has a name already.
func Offer(server agent.Tool, taken func(name string) bool) []Offered {
	var offered []Offered
	used := map[string]bool{}
	for _, p := range server.Allow[:min(len(server.Allow), MaxTools)] {
		d, err := Read(p)
		if err != nil || d.problem() != "" {
			continue
		}
		name := modelName(server.ID, d.Name, func(name string) bool { return used[name] || taken(name) })
		used[name] = true
		offered = append(offered, Offered{Server: server.ID, Name: d.Name, Tool: model.Tool{
			Name: name, Description: d.shown(), Schema: cleanSchema(d.InputSchema),
		}})
	}
	return offered
}

const (
	nameAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	longestName  = 64
	keptName     = 48 // in front of the hash
	hashDigits   = 8
)

// modelName returns the name under which a model calls a tool: providers take 1 to 64 letters,
// digits, _ and -. A name that is not one, or is taken, gets a part of a hash, which makes it
// the same in each turn.
func modelName(server, name string, taken func(name string) bool) string {
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
