package local

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestStream_ArrivesAsWritten(t *testing.T) {
	p := startProject(t)
	response := p.open(t, "GET", "/stream", "")
	defer response.Body.Close()
	// The status is sent before the function has written any of the body.
	if response.StatusCode != 202 || response.Header.Get("Content-Type") != "text/event-stream" || response.Header.Get("Set-Cookie") != "c=3" {
		t.Fatalf("got status %d, header %v, want those of the prelude", response.StatusCode, response.Header)
	}
	for _, want := range []string{"1", "2", "3"} {
		// The next chunk is written only after this one has arrived.
		p.Release(t, "chunk")
		var chunk [8]byte
		n, err := response.Body.Read(chunk[:])
		if err != nil || string(chunk[:n]) != want {
			t.Fatalf("got %q, %v; want %q", chunk[:n], err, want)
		}
	}
	p.Await(t, "finished")
	if rest, err := io.ReadAll(response.Body); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v at the end; want nothing", rest, err)
	}
}

func TestStream_ClientGone(t *testing.T) {
	p := startProject(t)
	response := p.open(t, "GET", "/stream", "")
	p.Release(t, "chunk")
	if _, err := response.Body.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	response.Body.Close() // disconnect
	http.DefaultClient.CloseIdleConnections()
	p.Release(t, "chunk")
	p.Release(t, "chunk")
	p.Await(t, "finished")
	if n := len(p.Processes("stream")); n != 1 {
		t.Errorf("got %d processes alive, want the one that has finished", n)
	}
}

func TestStream_Cut(t *testing.T) {
	tests := map[string]func(*testing.T, *project){
		"stream error": func(*testing.T, *project) {},
		"stream crash": func(t *testing.T, p *project) { p.Release(t, "die") },
		"stream hang":  func(*testing.T, *project) {}, // until its timeout
	}
	for script, proceed := range tests {
		t.Run(script, func(t *testing.T) {
			p := startProject(t)
			response := p.open(t, "POST", "/script/streamed", script)
			defer response.Body.Close()
			begun := make([]byte, len("begun"))
			if _, err := io.ReadFull(response.Body, begun); err != nil || response.StatusCode != 200 {
				t.Fatalf(`got status %d, %q, %v; want 200, "begun"`, response.StatusCode, begun, err)
			}
			proceed(t, p)
			if rest, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %q, %v at the end; want %v", rest, err, io.ErrUnexpectedEOF)
			}
		})
	}
}

func TestStream_ProcessKilled(t *testing.T) {
	p := startProject(t)
	response := p.open(t, "GET", "/stream", "")
	defer response.Body.Close()
	p.Release(t, "chunk")
	if _, err := response.Body.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	kill(t, p.Processes("stream"))
	if _, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v at the end, want %v", err, io.ErrUnexpectedEOF)
	}
	if logs := p.logs.String(); !strings.Contains(logs, "stream crashed: signal: killed") {
		t.Errorf("got this log, want \"stream crashed: signal: killed\" in it:\n%s", logs)
	}
}
