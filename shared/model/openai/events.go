package openai

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/quintet-agents/quintet/shared/model"
)

// events reads server-sent events, each of at most model.MaxPiece bytes.
type events struct {
	lines *bufio.Scanner
	name  string
	data  []byte
	has   bool   // the event has data, perhaps empty
	last  []byte // the last non-blank line
}

func newEvents(r io.Reader) *events {
	e := &events{lines: bufio.NewScanner(r)}
	e.lines.Buffer(nil, model.MaxPiece)
	var afterCR bool
	e.lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		skip := 0
		if afterCR && len(data) > 0 {
			afterCR = false
			if data[0] == '\n' {
				skip, data = 1, data[1:]
			}
		}
		if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
			afterCR = data[i] == '\r'
			return skip + i + 1, data[:i], nil
		}
		if atEOF && len(data) > 0 {
			return skip + len(data), data, nil
		}
		return skip, nil, nil
	})
	return e
}

// next reads the next event that has data. It returns io.EOF at the end. The last
// event counts even without its terminating blank line.
func (e *events) next() error {
	e.name, e.data, e.has = "", e.data[:0], false
	for e.lines.Scan() {
		line := e.lines.Bytes()
		if len(line) == 0 {
			if e.has {
				return nil
			}
			e.name = ""
			continue
		}
		e.last = line
		if err := e.field(line); err != nil {
			return err
		}
	}
	if err := e.lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return model.TooLarge("line")
		}
		return err
	}
	if e.has {
		return nil
	}
	return io.EOF
}

func (e *events) field(line []byte) error {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "event":
		e.name = string(value)
	case "data":
		if len(e.data)+len(value) > model.MaxPiece {
			return model.TooLarge("event")
		}
		if e.has {
			e.data = append(e.data, '\n')
		}
		e.data, e.has = append(e.data, value...), true
	}
	return nil
}
