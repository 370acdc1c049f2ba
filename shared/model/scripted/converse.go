package scripted

import (
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/model"
)

type (
	wireUsage struct {
		InputTokens  int `json:"inputTokens"`
		OutputTokens int `json:"outputTokens"`
		TotalTokens  int `json:"totalTokens"`
	}
	wireMetrics struct {
		LatencyMs int64 `json:"latencyMs"`
	}
	converseResponse struct {
		Output struct {
			Message wireMessage `json:"message"`
		} `json:"output"`
		StopReason string      `json:"stopReason"`
		Usage      wireUsage   `json:"usage"`
		Metrics    wireMetrics `json:"metrics"`
	}
)

// converse sends a non-streamed answer. It waits for the delays too, because they
// stand for the time that a model takes.
func (h *handler) converse(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	a, ok := h.answer(w, r)
	if !ok {
		return
	}
	steps := len(a.Deltas)
	for _, c := range a.Calls {
		steps += len(Pieces(c.Input))
	}
	if a.Break >= 0 {
		steps = a.Break
	}
	for range steps {
		if h.pause(r.Context(), a.Delay) != nil {
			return
		}
	}
	if a.Break >= 0 {
		refuse(w, failure{http.StatusFailedDependency, "ModelErrorException", brokenMessage})
		return
	}
	var out converseResponse
	out.Output.Message = wireMessage{Role: "assistant", Content: []wireBlock{}}
	if text := a.Text(); text != "" {
		out.Output.Message.Content = append(out.Output.Message.Content, wireBlock{Text: &text})
	}
	for _, c := range a.Calls {
		use := &wireToolUse{ToolUseID: c.ID, Name: c.Name, Input: c.Input}
		out.Output.Message.Content = append(out.Output.Message.Content, wireBlock{ToolUse: use})
	}
	out.StopReason = stopReason(a)
	out.Usage = usageOf(a)
	out.Metrics.LatencyMs = time.Since(began).Milliseconds()
	writeJSON(w, http.StatusOK, out)
}

func usageOf(a Answer) wireUsage {
	return wireUsage{InputTokens: a.Usage.Input, OutputTokens: a.Usage.Output, TotalTokens: a.Usage.Input + a.Usage.Output}
}

func stopReason(a Answer) string {
	switch {
	case a.Stop == model.StopTools:
		return "tool_use"
	case a.Stop == model.StopLength:
		return "max_tokens"
	case a.Cut:
		return "stop_sequence"
	default:
		return "end_turn"
	}
}
