package tool

import (
	"sync"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/model"
)

// maxShelf bounds the tools that a process keeps, by the bytes of their definitions.
const maxShelf = 8 << 20

// shelf keeps the tools of versions. A deployed version never changes, so they stay until
// others need the room.
type shelf struct {
	mu    sync.Mutex
	known map[string]*version
	bytes int
}

// version is the tools of a version.
type version struct {
	tools []agent.Tool
	http  []*lazy // beside tools; nil for MCP servers

	mu  sync.Mutex
	mcp map[int][]model.Tool // what MCP servers offer, by their places in tools
}

// offered returns what an MCP server offers, read from its pins once.
func (v *version) offered(i int, read func(agent.Tool) []model.Tool) []model.Tool {
	v.mu.Lock()
	defer v.mu.Unlock()
	all, ok := v.mcp[i]
	if !ok {
		if v.mcp == nil {
			v.mcp = map[int][]model.Tool{}
		}
		all = read(v.tools[i])
		v.mcp[i] = all
	}
	return all
}

// get returns a version, from the shelf or read.
func (s *shelf) get(name string, read func() ([]agent.Tool, error)) (*version, error) {
	s.mu.Lock()
	v := s.known[name]
	s.mu.Unlock()
	if v != nil {
		return v, nil
	}
	tools, err := read()
	if err != nil {
		return nil, err
	}
	v = &version{tools: tools, http: make([]*lazy, len(tools))}
	size := 0
	for i, t := range tools {
		size += sizeOf(t)
		if t.Type == agent.HTTPTool {
			v.http[i] = &lazy{tool: t}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || s.bytes+size > maxShelf {
		s.known, s.bytes = map[string]*version{}, 0
	}
	if s.known[name] == nil {
		s.bytes += size
	}
	s.known[name] = v
	return v, nil
}

func sizeOf(t agent.Tool) int {
	size := 1000 + len(t.URL) + len(t.Description) + len(t.Parameters) + len(t.Body)
	for name, text := range t.Headers {
		size += len(name) + len(text)
	}
	for _, p := range t.Allow {
		size += len(p.Tool)
	}
	return size
}

// lazy compiles a tool at its first call: most turns call few of an agent's tools.
type lazy struct {
	tool     agent.Tool
	once     sync.Once
	compiled *Compiled
	err      error
}

func (l *lazy) get() (*Compiled, error) {
	l.once.Do(func() { l.compiled, l.err = Compile(l.tool) })
	return l.compiled, l.err
}
