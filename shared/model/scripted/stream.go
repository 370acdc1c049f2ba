package scripted

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream/eventstreamapi"
)

// object is an event's payload.
type object map[string]any

// converseStream sends the answer as a binary event stream and flushes each event.
func (h *handler) converseStream(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	a, ok := h.answer(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	s := &eventWriter{w: w, encoder: eventstream.NewEncoder()}
	s.event("messageStart", object{"role": "assistant"})
	if !h.streamText(r.Context(), s, a) || !h.streamCalls(r.Context(), s, a) {
		return
	}
	s.event("messageStop", object{"stopReason": stopReason(a)})
	s.event("metadata", object{"usage": usageOf(a), "metrics": wireMetrics{LatencyMs: time.Since(began).Milliseconds()}})
}

// streamText sends the text block, which has no start event. It reports whether the
// answer continues.
func (h *handler) streamText(ctx context.Context, s *eventWriter, a Answer) bool {
	deltas := a.Deltas
	if a.Break >= 0 {
		deltas = deltas[:a.Break]
	}
	for _, delta := range deltas {
		if h.pause(ctx, a.Delay) != nil {
			return false
		}
		s.event("contentBlockDelta", object{"contentBlockIndex": 0, "delta": object{"text": delta}})
	}
	if a.Break >= 0 {
		s.exception("modelStreamErrorException", object{"message": brokenMessage, "originalStatusCode": http.StatusInternalServerError, "originalMessage": brokenMessage})
		return false
	}
	if len(deltas) > 0 {
		s.event("contentBlockStop", object{"contentBlockIndex": 0})
	}
	return true
}

// streamCalls sends a block for each tool call. It reports whether the answer
// continues.
func (h *handler) streamCalls(ctx context.Context, s *eventWriter, a Answer) bool {
	block := min(len(a.Deltas), 1) // a text is block 0
	for _, c := range a.Calls {
		s.event("contentBlockStart", object{"contentBlockIndex": block, "start": object{"toolUse": object{"toolUseId": c.ID, "name": c.Name}}})
		for _, piece := range Pieces(c.Input) {
			if h.pause(ctx, a.Delay) != nil {
				return false
			}
			s.event("contentBlockDelta", object{"contentBlockIndex": block, "delta": object{"toolUse": object{"input": piece}}})
		}
		s.event("contentBlockStop", object{"contentBlockIndex": block})
		block++
	}
	return true
}

// eventWriter frames and writes events. After its first error it writes nothing more,
// because the client has disconnected.
type eventWriter struct {
	w       http.ResponseWriter
	encoder *eventstream.Encoder
	err     error
}

func (s *eventWriter) event(name string, payload object) {
	s.send(eventstreamapi.EventTypeHeader, name, eventstreamapi.EventMessageType, payload)
}

func (s *eventWriter) exception(name string, payload object) {
	s.send(eventstreamapi.ExceptionTypeHeader, name, eventstreamapi.ExceptionMessageType, payload)
}

func (s *eventWriter) send(nameHeader, name, messageType string, payload object) {
	if s.err != nil {
		return
	}
	var m eventstream.Message
	m.Headers.Set(nameHeader, eventstream.StringValue(name))
	m.Headers.Set(eventstreamapi.ContentTypeHeader, eventstream.StringValue("application/json"))
	m.Headers.Set(eventstreamapi.MessageTypeHeader, eventstream.StringValue(messageType))
	if m.Payload, s.err = json.Marshal(payload); s.err != nil {
		return
	}
	if s.err = s.encoder.Encode(s.w, m); s.err != nil {
		return
	}
	s.err = http.NewResponseController(s.w).Flush()
}
