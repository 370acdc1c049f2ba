package hostile_test

import "fmt"

// form is one way to chat: a surface, streamed or whole.
type form struct {
	name string
	path string // %s is the agent's id, or Flapjack's thread
	body func(text, threadID string) map[string]any
}

type said struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

var forms = []form{
	{"flapjack", "/api/threads/%s/messages", func(text, _ string) map[string]any { return map[string]any{"content": text} }},
	{"agentflow", "/agents/%s/chat", func(text, thread string) map[string]any { return map[string]any{"text": text, "thread_id": thread} }},
	{"agentflow-whole", "/agents/%s/chat", func(text, thread string) map[string]any {
		return map[string]any{"text": text, "thread_id": thread, "stream": false}
	}},
	{"flexyagents", "/api/agents/%s/chat", func(text, thread string) map[string]any {
		return map[string]any{"messages": []said{{"user", text}}, "thread_id": thread, "stream": true}
	}},
	{"flexyagents-whole", "/api/agents/%s/chat", func(text, thread string) map[string]any {
		return map[string]any{"messages": []said{{"user", text}}, "thread_id": thread}
	}},
	{"flowgent", "/api/public/agent/%s/chat", func(text, thread string) map[string]any {
		return map[string]any{"messages": text, "thread_id": thread}
	}},
}

// to returns the path of a chat with an agent.
func (f form) to(agentID, threadID string) string {
	if f.name == "flapjack" {
		return fmt.Sprintf(f.path, threadID)
	}
	return fmt.Sprintf(f.path, agentID)
}
