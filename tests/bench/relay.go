package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream/eventstreamapi"

	"github.com/quintet-agents/quintet/shared/boot"
)

// converse is a request to the model, in Bedrock's wire format.
func converse(prompt string) []byte {
	return fmt.Appendf(nil, `{"messages":[{"role":"user","content":[{"text":%q}]}]}`, prompt)
}

const conversePath = "/model/bench/converse-stream"

// relay does the minimum of a Go program between a client and a model: an event and a flush for each
// delta, without accounts, threads or agents.
func relay(model string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		prompt, _ := io.ReadAll(r.Body)
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodPost, model+conversePath, bytes.NewReader(converse(string(prompt))))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		res, err := http.DefaultClient.Do(ask)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		w.Header().Set("Content-Type", "text/event-stream")
		flush := http.NewResponseController(w)
		_ = deltas(res.Body, func(text string) {
			event, _ := json.Marshal(map[string]string{"delta": text})
			fmt.Fprintf(w, "event: token\ndata: %s\n\n", event)
			_ = flush.Flush()
		})
	})
}

// deltas reads a model's answer and yields its pieces of text.
func deltas(body io.Reader, yield func(text string)) error {
	decoder, buffer := eventstream.NewDecoder(), make([]byte, 4096)
	for {
		m, err := decoder.Decode(body, buffer)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if kind := m.Headers.Get(eventstreamapi.EventTypeHeader); kind == nil || kind.String() != "contentBlockDelta" {
			continue
		}
		var event struct {
			Delta struct {
				Text string `json:"text"`
			} `json:"delta"`
		}
		if err := json.Unmarshal(m.Payload, &event); err != nil {
			return err
		}
		yield(event.Delta.Text)
	}
}

// serveRelay runs this program as the relay's process. It prints its address.
func serveRelay(model string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	server := &http.Server{Handler: relay(model), ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(l)
}

// startBare runs this program as a function that relays, or that makes one write.
func startBare(model string) {
	if model == writes {
		lambda.Start(boot.Buffered(oneWrite()))
	}
	lambda.Start(boot.Streamed(relay(model)))
}

// writes is in place of the model's address for the function that makes one write.
const writes = "writes"
